import { Check, X } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { unmask } from '../../gql'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { Justify } from './Justify'
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

  async function onDecline(justification: string) {
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
      <Justify
        texts={{
          title: t('appointments.declining.title', { name: card.patient.name }),
          justification: t('appointments.declining.justification'),
          hint: t('appointments.declining.hint'),
          submit: t('appointments.declining.submit'),
          back: t('appointments.declining.cancel'),
        }}
        open={declining}
        busy={fetching}
        fault={fault}
        onClose={() => setDeclining(false)}
        onSay={onDecline}
      />
    </>
  )
}
