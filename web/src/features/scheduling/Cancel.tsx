import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { unmask } from '../../gql'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { Answered, Cancel as CancelVisit, type Card } from './operations'

/** The patient calls it off, and says why. */
export function Cancel({ card }: { card: Card }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const [{ fetching }, cancel] = useMutation(CancelVisit)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const justification = String(new FormData(event.currentTarget).get('justification'))
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
      <Ask
        title={t('own.cancelling.title', { name: card.doctor.name })}
        open={open}
        onClose={() => setOpen(false)}
      >
        <Form onSubmit={submit} className="form">
          {fault && <Notice kind="bad">{fault}</Notice>}
          <Field
            name="justification"
            label={t('own.cancelling.justification')}
            hint={t('own.cancelling.hint')}
            lines={4}
            minLength={10}
            maxLength={500}
            isRequired
            autoFocus
          />
          <div className="pair">
            <Button kind="danger" type="submit" isPending={fetching}>
              {t('own.cancelling.submit')}
            </Button>
            <Button kind="quiet" onPress={() => setOpen(false)}>
              {t('own.back')}
            </Button>
          </div>
        </Form>
      </Ask>
    </>
  )
}
