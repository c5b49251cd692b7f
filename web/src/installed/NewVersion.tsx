import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/Button'
import { version } from './install'

const none = () => () => {}

/** That the clinic has a newer page than this one, for whenever it suits whoever is at it. */
export function NewVersion() {
  const { t } = useTranslation()
  const isOld = useSyncExternalStore(version?.subscribe ?? none, () => version?.isOld ?? false)
  return (
    <div role="status">
      {version && isOld && (
        <p className="bulletin news">
          {t('frame.newVersion')}
          <Button kind="quiet" onPress={version.load}>
            {t('frame.load')}
          </Button>
        </p>
      )}
    </div>
  )
}
