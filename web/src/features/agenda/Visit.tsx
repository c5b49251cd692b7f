import { NotebookPen, UserCheck, Video } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useMutation } from 'urql'
import { unmask } from '../../gql'
import { hour } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { useNow } from '../../ui/useNow'
import { AgendaAppointment, MarkNoShow, type OwnAppointment } from './operations'

const NO_SHOW_AFTER = 15 * 60_000 // milliseconds from the start; the server has the last word

interface Props {
  visit: OwnAppointment
  zone: string
  onChanged: (visit: OwnAppointment) => void
}

export function Visit({ visit, zone, onChanged }: Props) {
  const { t, i18n } = useTranslation()
  const now = useNow()
  const [fault, setFault] = useState<string | null>(null)
  const [{ fetching }, mark] = useMutation(MarkNoShow)
  const { id, status, startsAt, patient, reason, consultation } = visit
  const enters = status === 'CONFIRMED' || status === 'IN_PROGRESS'
  const waits = enters && consultation?.patientPresent === true
  const open = consultation != null && now >= Date.parse(consultation.opensAt)

  async function onMark(undo: boolean) {
    const { data, error } = await mark({ input: { appointmentId: id, undo } })
    const marked = unmask(AgendaAppointment, data?.markNoShow?.appointment)
    if (marked) onChanged(marked)
    const [problem] = data?.markNoShow?.problems ?? []
    if (error) setFault(t('failed'))
    else if (!problem) setFault(null)
    else if ('opensAt' in problem) {
      setFault(t('day.early', { time: hour(problem.opensAt, i18n.language, zone) }))
    } else setFault(undo ? t('day.notUndone') : t('day.notMarked'))
  }

  return (
    <article className={`card visit ${waits ? 'here' : ''}`} aria-labelledby={id}>
      <time dateTime={startsAt}>{hour(startsAt, i18n.language, zone)}</time>
      <div className="about">
        <h2 id={id}>{patient.name}</h2>
        {reason && <p className="quiet">{t('appointments.reason', { text: reason })}</p>}
        <p role="status" className="is-here">
          {waits && (
            <>
              <UserCheck size={18} aria-hidden /> {t('day.here')}
            </>
          )}
        </p>
      </div>
      <div className="doing">
        <span className={`badge ${status}`}>{t(`appointments.status.${status}`)}</span>
        {status === 'REQUESTED' && (
          <Link to="/requests" className="button main">
            {t('agenda.answer')}
          </Link>
        )}
        {enters && (
          <Link to={`/consultation/${id}`} className={`button ${open ? 'main' : 'quiet'}`}>
            <Video size={18} aria-hidden /> {t('appointments.enter')}
          </Link>
        )}
        {status === 'COMPLETED' && (
          <Link to={`/consultation/${id}`} className="button quiet">
            <NotebookPen size={18} aria-hidden /> {t('appointments.notes')}
          </Link>
        )}
        {status === 'CONFIRMED' && !waits && now >= Date.parse(startsAt) + NO_SHOW_AFTER && (
          <Button kind="quiet" isPending={fetching} onPress={() => onMark(false)}>
            {t('day.noShow')}
          </Button>
        )}
        {status === 'NO_SHOW' && (
          <Button kind="quiet" isPending={fetching} onPress={() => onMark(true)}>
            {t('day.undo')}
          </Button>
        )}
      </div>
      {fault && <Notice kind="bad">{fault}</Notice>}
    </article>
  )
}
