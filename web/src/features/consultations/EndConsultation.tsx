import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { End } from './operations'

/** For the doctor. That it is over both sides then hear from the server. */
export function EndConsultation({ appointmentId }: { appointmentId: string }) {
  const { t } = useTranslation()
  const [asking, setAsking] = useState(false)
  const [{ fetching, data, error }, end] = useMutation(End)
  const refused = error || data?.endConsultation?.problems.length
  return (
    <>
      <Button kind="danger" onPress={() => setAsking(true)}>
        {t('room.end')}
      </Button>
      <Ask title={t('room.ending.title')} open={asking} onClose={() => setAsking(false)}>
        <p>{t('room.ending.text')}</p>
        {refused && <Notice kind="bad">{t('failed')}</Notice>}
        <div className="pair">
          <Button
            kind="danger"
            isPending={fetching}
            onPress={() => end({ input: { appointmentId } })}
          >
            {t('room.ending.submit')}
          </Button>
          <Button kind="quiet" onPress={() => setAsking(false)}>
            {t('room.ending.cancel')}
          </Button>
        </div>
      </Ask>
    </>
  )
}
