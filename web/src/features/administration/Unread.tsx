import { useTranslation } from 'react-i18next'
import type { CombinedError } from 'urql'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'

interface Props {
  error: CombinedError | undefined
  reload: (how: { requestPolicy: 'network-only' }) => void
}

/** In place of what has not come yet, or could not. */
export function Unread({ error, reload }: Props) {
  const { t } = useTranslation()
  if (!error) return <Loading />
  return (
    <>
      <Notice kind="bad">{t('failed')}</Notice>
      <Button onPress={() => reload({ requestPolicy: 'network-only' })}>{t('tryAgain')}</Button>
    </>
  )
}
