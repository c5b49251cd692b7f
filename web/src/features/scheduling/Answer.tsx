import { Check, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { unmask } from '../../gql'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { Accept, Answered, type Card, Decline } from './operations'

/** The doctor's answer to a request. The list is told of it by the feed. */
export function Answer({ card }: { card: Card }) {
  const { t } = useTranslation()
  const [declining, setDeclining] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const [accepting, accept] = useMutation(Accept)
  const [{ fetching }, decline] = useMutation(Decline)
  const which = { appointmentId: card.id, expectedVersion: card.version }

  async function onAccept() {
    const { data, error } = await accept({ input: which })
    const answered = unmask(Answered, data?.acceptAppointment)
    if (error) setFault(t('failed'))
    else if (answered?.problems.length) setFault(t('appointments.conflict'))
  }

  async function onDecline(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const justification = String(new FormData(event.currentTarget).get('justification'))
    const { data, error } = await decline({ input: { ...which, justification } })
    const answered = unmask(Answered, data?.declineAppointment)
    if (error) return setFault(t('failed'))
    if (answered?.problems.some(({ path }) => path[0] === 'justification')) {
      return setFault(t('appointments.declining.hint'))
    }
    if (answered?.problems.length) setFault(t('appointments.conflict'))
    setDeclining(false)
  }

  return (
    <>
      <div className="pair">
        <Button onPress={onAccept} isPending={accepting.fetching}>
          <Check size={18} aria-hidden />
          {accepting.fetching ? t('appointments.accepting') : t('appointments.accept')}
        </Button>
        <Button kind="quiet" onPress={() => setDeclining(true)}>
          <X size={18} aria-hidden /> {t('appointments.decline')}
        </Button>
      </div>
      {fault && !declining && <Notice kind="bad">{fault}</Notice>}
      <Ask
        title={t('appointments.declining.title', { name: card.patient.name })}
        open={declining}
        onClose={() => setDeclining(false)}
      >
        <Form onSubmit={onDecline} className="form">
          {fault && <Notice kind="bad">{fault}</Notice>}
          <Field
            name="justification"
            label={t('appointments.declining.justification')}
            hint={t('appointments.declining.hint')}
            lines={4}
            minLength={10}
            maxLength={500}
            isRequired
            autoFocus
          />
          <div className="pair">
            <Button kind="danger" type="submit" isPending={fetching}>
              {t('appointments.declining.submit')}
            </Button>
            <Button kind="quiet" onPress={() => setDeclining(false)}>
              {t('appointments.declining.cancel')}
            </Button>
          </div>
        </Form>
      </Ask>
    </>
  )
}
