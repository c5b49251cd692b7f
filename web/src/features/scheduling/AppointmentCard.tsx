import { NotebookPen, Video } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { day, dayAndHour, hour, leaf, ownZone, sameClock, zoneName } from '../../i18n/times'
import type { Party } from '../../session/session'
import { useNow } from '../../ui/useNow'
import { CalendarFile } from '../calendars/CalendarFile'
import { PaperLink } from '../papers/PaperLink'
import { Answer } from './Answer'
import { Cancel } from './Cancel'
import { type Card, isAhead } from './operations'
import { Rate } from './Rate'

/** One appointment: when, with whom, how it stands, and what comes next. */
export function AppointmentCard({ card, role }: { card: Card; role: Party }) {
  const { t, i18n } = useTranslation()
  const language = i18n.language
  const { startsAt, endsAt, status, doctor, patient } = card
  const { day: number, month, weekday } = leaf(startsAt, language)
  const minutes = Math.round((Date.parse(endsAt) - Date.parse(startsAt)) / 60_000)
  const open = useNow() >= Date.parse(card.consultation?.opensAt ?? startsAt)
  const enters = status === 'CONFIRMED' || status === 'IN_PROGRESS'
  return (
    <article
      className={`card appointment ${isAhead(card) ? '' : 'past'}`}
      aria-labelledby={card.id}
    >
      <time dateTime={startsAt} className="leaf">
        <span>{weekday}</span>
        <strong>{number}</strong>
        <span>{month}</span>
      </time>
      <div className="about">
        <h3 id={card.id}>{role === 'patient' ? doctor.name : patient.name}</h3>
        {role === 'patient' && (
          <p className="quiet">{doctor.specialties.map(({ name }) => name).join(', ')}</p>
        )}
        <p className="first-up">
          {day(startsAt, language)}, {hour(startsAt, language)}
          <span className="quiet"> · {t('appointments.duration', { count: minutes })}</span>
        </p>
        <ElsewhereTime startsAt={startsAt} zone={doctor.timeZone} />
        {card.reason && <p className="quiet">{t('appointments.reason', { text: card.reason })}</p>}
        {card.justification && (
          <p className="quiet">{t('appointments.why', { text: card.justification })}</p>
        )}
        <Then card={card} role={role} />
      </div>
      <div className="doing">
        <span className={`badge ${status}`}>{t(`appointments.status.${status}`)}</span>
        {enters && (
          <Link to={`/consultation/${card.id}`} className={`button ${open ? 'main' : 'quiet'}`}>
            <Video size={18} aria-hidden /> {t('appointments.enter')}
          </Link>
        )}
        {status === 'CONFIRMED' && (
          <CalendarFile
            appointmentId={card.id}
            of={role === 'patient' ? doctor.name : patient.name}
          />
        )}
        {role === 'doctor' && status === 'REQUESTED' && <Answer card={card} />}
        {role === 'doctor' && <PaperLink visit={card} />}
        {role === 'patient' && (status === 'REQUESTED' || status === 'CONFIRMED') && (
          <div className="pair">
            <Link to={`/appointments/${card.id}/move`} className="button quiet">
              {t('own.move')}
            </Link>
            <Cancel card={card} />
          </div>
        )}
        {status === 'COMPLETED' && (
          <Link to={`/consultation/${card.id}`} className="button quiet">
            <NotebookPen size={18} aria-hidden /> {t('appointments.notes')}
          </Link>
        )}
        {role === 'patient' && status === 'COMPLETED' && <Rate card={card} />}
      </div>
    </article>
  )
}

function ElsewhereTime({ startsAt, zone }: { startsAt: string; zone: string }) {
  const { t, i18n } = useTranslation()
  if (sameClock(startsAt, zone, ownZone())) return null
  const time = hour(startsAt, i18n.language, zone)
  const named = zoneName(startsAt, i18n.language, zone)
  return <p className="quiet">{t('appointments.atDoctors', { time, zone: named })}</p>
}

/** What happens next, or what can be done. */
function Then({ card, role }: { card: Card; role: Party }) {
  const { t, i18n } = useTranslation()
  const now = useNow()
  const { status, respondBy, consultation } = card
  const by = { respondBy: dayAndHour(respondBy, i18n.language) }
  if (status === 'REQUESTED') return <p>{t(`appointments.comingUp.REQUESTED_${role}`, by)}</p>
  if (status === 'IN_PROGRESS') return <p>{t('appointments.comingUp.IN_PROGRESS')}</p>
  if (status === 'CONFIRMED' && consultation) {
    const { opensAt, closesAt } = consultation
    if (now > Date.parse(closesAt)) return null
    if (now >= Date.parse(opensAt)) return <p>{t('appointments.comingUp.open')}</p>
    return (
      <p>{t('appointments.comingUp.CONFIRMED', { opensAt: dayAndHour(opensAt, i18n.language) })}</p>
    )
  }
  if (role === 'patient' && (status === 'DECLINED' || status === 'EXPIRED')) {
    return <p>{t(`appointments.comingUp.${status}_patient`)}</p>
  }
  return null
}
