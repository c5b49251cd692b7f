import { type CalendarDate, today } from '@internationalized/date'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { day, ownZone, sameClock, zoneName } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { useNow } from '../../ui/useNow'
import { begins, dayOf } from './days'
import { useOwnTime } from './useOwnTime'
import { Visit } from './Visit'
import '../requests/requests.css'

const LOOK_EVERY = 15_000 // milliseconds: who is in a waiting room is in no feed of the doctor's own
const SHOWN = new Set(['REQUESTED', 'CONFIRMED', 'IN_PROGRESS', 'COMPLETED', 'NO_SHOW'])

/** Today's visits in their order, by the doctor's own calendar. */
export default function Today() {
  const { t, i18n } = useTranslation()
  const now = useNow()
  const [from, to] = around(today(ownZone()))
  const { doctor, appointments, busy, failed, reload, learn } = useOwnTime(from, to)
  const zone = doctor?.timeZone ?? ownZone()
  const visits = [...appointments.values()]
    .filter(({ status }) => SHOWN.has(status))
    .filter(({ startsAt }) => dayOf(startsAt, zone).compare(today(zone)) === 0)
    .sort((one, other) => Date.parse(one.startsAt) - Date.parse(other.startsAt))
  useEffect(() => {
    const again = setInterval(reload, LOOK_EVERY)
    return () => clearInterval(again)
  }, [reload])
  const at = new Date(now).toISOString()
  return (
    <div className="page">
      <title>{t('day.title')}</title>
      <h1>{t('day.title')}</h1>
      <p className="first-up quiet">{day(at, i18n.language, zone)}</p>
      {!sameClock(at, zone, ownZone()) && (
        <Notice>{t('agenda.zone', { zone: zoneName(at, i18n.language, zone) })}</Notice>
      )}
      {failed && (
        <>
          <Notice kind="bad">{t('failed')}</Notice>
          <Button onPress={reload}>{t('tryAgain')}</Button>
        </>
      )}
      {busy && !doctor && <Loading />}
      {doctor && visits.length === 0 && <p className="empty">{t('day.none')}</p>}
      <ul className="cards">
        {visits.map(visit => (
          <li key={visit.id}>
            <Visit visit={visit} zone={zone} onChanged={news => learn({ appointments: [news] })} />
          </li>
        ))}
      </ul>
    </div>
  )
}

/** A day more on both sides, for whoever's clock is not the doctor's. */
function around(date: CalendarDate): [string, string] {
  const zone = ownZone()
  return [begins(date.subtract({ days: 1 }), zone), begins(date.add({ days: 2 }), zone)]
}
