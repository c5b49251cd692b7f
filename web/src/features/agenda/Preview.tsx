import { TriangleAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { day, hour } from '../../i18n/times'
import { dayOf } from './days'
import type { Planned } from './pattern'

const SHOWN = 14 // days; the rest is counted

/** What will be made, day by day, and what is in its way. */
export function Preview({ times, zone }: { times: readonly Planned[]; zone: string }) {
  const { t, i18n } = useTranslation()
  const days = byDay(times, zone)
  const overlapping = times.filter(({ fault }) => fault === 'overlaps').length
  const past = times.filter(({ fault }) => fault === 'past').length
  return (
    <section className="card panel foreseen" aria-label={t('agenda.preview')}>
      <h2>{t('agenda.preview')}</h2>
      <div role="status">
        <p>{t('agenda.will', { count: times.length, days: days.size })}</p>
        {overlapping > 0 && (
          <p className="clash">
            <TriangleAlert size={18} aria-hidden /> {t('agenda.overlaps', { count: overlapping })}
          </p>
        )}
        {past > 0 && (
          <p className="clash">
            <TriangleAlert size={18} aria-hidden /> {t('agenda.past', { count: past })}
          </p>
        )}
      </div>
      <ul>
        {[...days].slice(0, SHOWN).map(([date, each]) => (
          <li key={date}>
            <h3 className="first-up">{day(each[0]?.startsAt ?? date, i18n.language, zone)}</h3>
            <ul className="made">
              {each.map(({ startsAt, fault }) => (
                <li key={startsAt} className={fault ?? 'free'}>
                  {hour(startsAt, i18n.language, zone)}
                  {fault && <span className="unseen"> {t(`agenda.fault.${fault}`)}</span>}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {days.size > SHOWN && (
        <p className="quiet">{t('agenda.moreDays', { count: days.size - SHOWN })}</p>
      )}
    </section>
  )
}

function byDay(times: readonly Planned[], zone: string): Map<string, Planned[]> {
  const days = new Map<string, Planned[]>()
  for (const time of times) {
    const day = dayOf(time.startsAt, zone).toString()
    days.set(day, [...(days.get(day) ?? []), time])
  }
  return days
}
