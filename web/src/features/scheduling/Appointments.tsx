import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'react-router'
import type { Party } from '../../session/session'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { InPerson } from '../inPerson/InPerson'
import { AppointmentCard } from './AppointmentCard'
import { type Card, sorted } from './operations'
import { useAppointments } from './useAppointments'

const PAGE = 20

export default function Appointments({ role }: { role: Party }) {
  const { t } = useTranslation()
  const requested = useLocation().state?.requested === true
  const [earlier, setEarlier] = useState(PAGE)
  const { cards, more, failed, reload } = useAppointments(earlier)
  const { ahead, behind } = sorted(cards ?? [])
  return (
    <div className="page">
      <title>{t('appointments.title')}</title>
      <h1>{t('appointments.title')}</h1>
      {requested && <Notice>{t('booking.requested')}</Notice>}
      {failed && (
        <>
          <Notice kind="bad">{t('failed')}</Notice>
          <Button onPress={reload}>{t('tryAgain')}</Button>
        </>
      )}
      {!cards && !failed && <Loading />}
      {cards?.length === 0 && (
        <p className="empty">
          {t('appointments.none')}{' '}
          {role === 'patient' && <Link to="/doctors">{t('doctors.title')}</Link>}
        </p>
      )}
      <Cards title={t('appointments.next')} cards={ahead} role={role} />
      <InPerson reader={role} />
      <Cards title={t('appointments.earlier')} cards={behind} role={role} />
      {more && (
        <Button kind="quiet" onPress={() => setEarlier(Math.min(earlier + PAGE, 100))}>
          {t('appointments.more')}
        </Button>
      )}
    </div>
  )
}

function Cards({ title, cards, role }: { title: string; cards: Card[]; role: Party }) {
  if (cards.length === 0) return null
  return (
    <section>
      <h2>{title}</h2>
      <ul className="cards">
        {cards.map(card => (
          <li key={card.id}>
            <AppointmentCard card={card} role={role} />
          </li>
        ))}
      </ul>
    </section>
  )
}
