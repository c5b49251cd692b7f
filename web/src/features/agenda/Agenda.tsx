import { type CalendarDate, today } from '@internationalized/date'
import { CalendarPlus, ChevronLeft, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { ownZone, sameClock, zoneName } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { Day } from './Day'
import { begins, dayOf, week } from './days'
import { useOwnTime } from './useOwnTime'
import { Withdrawing } from './Withdrawing'
import './agenda.css'

/** A week of the doctor's own slots by his own wall clock; on a phone, one day of it. */
export default function Agenda() {
  const { t, i18n } = useTranslation()
  const [zoneOfFirst] = useState(ownZone)
  const [chosen, choose] = useState(() => today(zoneOfFirst))
  const [picked, setPicked] = useState<ReadonlySet<string> | null>(null)
  const days = week(chosen, i18n.language)
  const [first, last] = [days[0] ?? chosen, days[6] ?? chosen]
  // A day more on both sides, for whoever's clock is not the doctor's.
  const from = begins(first.subtract({ days: 1 }), zoneOfFirst)
  const to = begins(last.add({ days: 2 }), zoneOfFirst)
  const { doctor, slots, appointments, busy, failed, reload, learn } = useOwnTime(from, to)
  const zone = doctor?.timeZone ?? zoneOfFirst
  const shown = [...slots.values()]
    .filter(({ status }) => status !== 'WITHDRAWN')
    .sort((one, other) => Date.parse(one.startsAt) - Date.parse(other.startsAt))
  const named = (day: CalendarDate, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(i18n.language, { ...options, timeZone: zone }).format(day.toDate(zone))
  const free = shown.filter(({ status, startsAt }) => {
    const day = dayOf(startsAt, zone)
    return status === 'OPEN' && day.compare(first) >= 0 && day.compare(last) <= 0
  })

  return (
    <div className="page agenda">
      <title>{t('agenda.title')}</title>
      <header className="agenda-top">
        <h1>{t('agenda.title')}</h1>
        <Link to="/agenda/publish" className="button main">
          <CalendarPlus size={18} aria-hidden /> {t('agenda.publish')}
        </Link>
      </header>
      {doctor && !doctor.verified && <Notice>{t('agenda.unverified')}</Notice>}
      {!sameClock(begins(chosen, zone), zone, ownZone()) && (
        <Notice>
          {t('agenda.zone', { zone: zoneName(begins(chosen, zone), i18n.language, zone) })}
        </Notice>
      )}
      {failed && (
        <>
          <Notice kind="bad">{t('failed')}</Notice>
          <Button onPress={reload}>{t('tryAgain')}</Button>
        </>
      )}
      <div className="weeks">
        <Button
          kind="quiet"
          aria-label={t('agenda.before')}
          onPress={() => choose(chosen.subtract({ weeks: 1 }))}
        >
          <ChevronLeft size={18} aria-hidden />
        </Button>
        <Button kind="quiet" onPress={() => choose(today(zone))}>
          {t('agenda.today')}
        </Button>
        <Button
          kind="quiet"
          aria-label={t('agenda.after')}
          onPress={() => choose(chosen.add({ weeks: 1 }))}
        >
          <ChevronRight size={18} aria-hidden />
        </Button>
        <h2 aria-live="polite">
          {t('agenda.range', {
            from: named(first, { day: 'numeric', month: 'short' }),
            to: named(last, { day: 'numeric', month: 'short', year: 'numeric' }),
          })}
        </h2>
        {free.length > 0 && !picked && (
          <Button kind="quiet" onPress={() => setPicked(new Set())}>
            {t('agenda.pick')}
          </Button>
        )}
      </div>
      {picked && (
        <Withdrawing
          picked={picked}
          free={free}
          onPick={setPicked}
          onWithdrawn={gone => {
            learn({ slots: gone })
            setPicked(null)
          }}
        />
      )}
      {busy && slots.size === 0 ? (
        <Loading />
      ) : (
        <>
          <fieldset className="strip">
            <legend className="unseen">{t('agenda.day')}</legend>
            {days.map(day => (
              <Button
                key={day.toString()}
                kind={day.compare(chosen) === 0 ? 'main' : 'quiet'}
                aria-pressed={day.compare(chosen) === 0}
                onPress={() => choose(day)}
              >
                <span className="unseen">
                  {named(day, { weekday: 'long', day: 'numeric', month: 'long' })}
                </span>
                <span aria-hidden>{named(day, { weekday: 'narrow' })}</span>
                <strong aria-hidden>{day.day}</strong>
                {shown.some(slot => dayOf(slot.startsAt, zone).compare(day) === 0) && (
                  <span className="dot" aria-hidden />
                )}
              </Button>
            ))}
          </fieldset>
          <div className="week">
            {days.map(day => (
              <Day
                key={day.toString()}
                title={named(day, { weekday: 'long', day: 'numeric' })}
                chosen={day.compare(chosen) === 0}
                isToday={day.compare(today(zone)) === 0}
                zone={zone}
                slots={shown.filter(slot => dayOf(slot.startsAt, zone).compare(day) === 0)}
                appointments={appointments}
                picked={picked}
                onPick={setPicked}
                onChanged={changed => learn({ slots: changed })}
              />
            ))}
          </div>
        </>
      )}
    </div>
  )
}
