import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { unmask } from '../../gql'
import { Button } from '../../ui/Button'
import { Justify } from './Justify'
import { Answered, Cancel as CancelVisit, type Card } from './operations'

/** The patient calls it off, and says why. */
export function Cancel({ card }: { card: Card }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const [{ fetching }, cancel] = useMutation(CancelVisit)

  async function submit(justification: string) {
    const { data, error } = await cancel({
      input: { appointmentId: card.id, expectedVersion: card.version, justification },
    })
    const problems = unmask(Answered, data?.cancelAppointment)?.problems
    if (error || !problems) return setFault(t('failed'))
    if (problems.some(({ path }) => path[0] === 'justification')) {
      return setFault(t('own.cancelling.hint'))
    }
    if (problems.length) return setFault(t('appointments.conflict'))
    setOpen(false)
  }

  return (
    <>
      <Button kind="quiet" onPress={() => setOpen(true)}>
        {t('own.cancel')}
      </Button>
      <Justify
        texts={{
          title: t('own.cancelling.title', { name: card.doctor.name }),
          justification: t('own.cancelling.justification'),
          hint: t('own.cancelling.hint'),
          submit: t('own.cancelling.submit'),
          back: t('own.back'),
        }}
        open={open}
        busy={fetching}
        fault={fault}
        onClose={() => setOpen(false)}
        onSay={submit}
      />
    </>
  )
}
