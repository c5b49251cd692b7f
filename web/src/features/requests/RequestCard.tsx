import { Check, Undo2, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { day, hour } from '../../i18n/times'
import { Button } from '../../ui/Button'
import type { OwnAppointment } from '../agenda/operations'
import { Justify } from '../scheduling/Justify'
import { remaining } from './remaining'
import { type Outcome, useAnswer } from './useAnswer'

interface Props {
  request: OwnAppointment
  zone: string
  atOnce: boolean
  onOutcome: (request: OwnAppointment, outcome: Outcome) => void
}

export function RequestCard({ request, zone, atOnce, onOutcome }: Props) {
  const { t, i18n } = useTranslation()
  const [declining, setDeclining] = useState(false)
  const [sending, setSending] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const answer = useAnswer(request, outcome => onOutcome(request, outcome))
  const { startsAt, endsAt, patient, reason, respondBy } = request

  async function onDecline(justification: string) {
    setSending(true)
    const outcome = await answer.decline(justification)
    setSending(false)
    if (outcome.by === 'justification') return setFault(t('appointments.declining.hint'))
    setDeclining(false)
    onOutcome(request, outcome)
  }

  return (
    <article className="card request" aria-labelledby={request.id}>
      <div className="request-top">
        <h2 id={request.id}>{patient.name}</h2>
        <Countdown to={respondBy} />
      </div>
      <p className="first-up">
        {day(startsAt, i18n.language, zone)}, {hour(startsAt, i18n.language, zone)}–
        {hour(endsAt, i18n.language, zone)}
      </p>
      {reason && <p className="quiet reason">{t('appointments.reason', { text: reason })}</p>}
      {answer.pending ? (
        <div className="answers" role="status">
          <p>{t('requests.accepting', { name: patient.name })}</p>
          {!atOnce && (
            <Button kind="quiet" onPress={answer.undo} autoFocus>
              <Undo2 size={18} aria-hidden /> {t('requests.undo')}
            </Button>
          )}
        </div>
      ) : (
        <div className="answers">
          <Button kind="quiet" onPress={() => setDeclining(true)}>
            <X size={18} aria-hidden /> {t('appointments.decline')}
          </Button>
          <Button onPress={() => answer.accept(atOnce)}>
            <Check size={18} aria-hidden /> {t('appointments.accept')}
          </Button>
        </div>
      )}
      <Justify
        texts={{
          title: t('appointments.declining.title', { name: patient.name }),
          justification: t('appointments.declining.justification'),
          hint: t('appointments.declining.hint'),
          submit: t('appointments.declining.submit'),
          back: t('appointments.declining.cancel'),
        }}
        open={declining}
        busy={sending}
        fault={fault}
        onClose={() => setDeclining(false)}
        onSay={onDecline}
      />
    </article>
  )
}

/** Told to screen readers as a time of day, which does not change each second. */
function Countdown({ to }: { to: string }) {
  const { t, i18n } = useTranslation()
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const ticking = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(ticking)
  }, [])
  const left = Date.parse(to) - now
  return (
    <p className={`countdown ${left < 3_600_000 ? 'hurry' : ''}`}>
      <span aria-hidden>{t('requests.left', { time: remaining(left) })}</span>
      <span className="unseen">
        {t('requests.by', { time: `${day(to, i18n.language)}, ${hour(to, i18n.language)}` })}
      </span>
    </p>
  )
}
