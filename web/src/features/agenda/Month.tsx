import { type CalendarDate, isSameMonth } from '@internationalized/date'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'
import { dayOf, namer } from './days'
import type { OwnSlot } from './operations'

interface Props {
  days: readonly CalendarDate[]
  /** A day of the month that is looked at. */
  chosen: CalendarDate
  today: CalendarDate
  zone: string
  slots: readonly OwnSlot[]
  onOpen: (day: CalendarDate) => void
}

/** Of each day how many times are free and how many are not; a day leads to its week. */
export function Month({ days, chosen, today, zone, slots, onOpen }: Props) {
  const { t, i18n } = useTranslation()
  const named = namer(i18n.language, zone)
  const counted = counts(slots, zone)
  const weeks = Array.from({ length: days.length / 7 }, (_, n) => days.slice(7 * n, 7 * n + 7))
  return (
    <>
      <p className="tallies quiet" aria-hidden>
        <span className="tally">{t('agenda.freeOnes')}</span>
        <span className="tally taken">{t('agenda.takenOnes')}</span>
      </p>
      <table className="month">
        <caption className="unseen">{t('agenda.ofMonth')}</caption>
        <thead>
          <tr>
            {weeks[0]?.map(day => (
              <th key={day.toString()} scope="col" abbr={named(day, { weekday: 'long' })}>
                {named(day, { weekday: 'short' }).replace('.', '')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map(week => (
            <tr key={String(week[0])}>
              {week.map(day => {
                const { free = 0, taken = 0 } = counted.get(day.toString()) ?? {}
                const told = [
                  ...(free ? [t('agenda.free', { count: free })] : []),
                  ...(taken ? [t('agenda.taken', { count: taken })] : []),
                ]
                const date = named(day, { weekday: 'long', day: 'numeric', month: 'long' })
                return (
                  <td key={day.toString()} className={isSameMonth(day, chosen) ? '' : 'another'}>
                    <Button
                      kind="quiet"
                      aria-label={`${date}: ${told.join(', ') || t('agenda.none')}`}
                      aria-current={day.compare(today) === 0 ? 'date' : undefined}
                      onPress={() => onOpen(day)}
                    >
                      <strong>{day.day}</strong>
                      {free > 0 && <span className="tally">{free}</span>}
                      {taken > 0 && <span className="tally taken">{taken}</span>}
                    </Button>
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

/** By days there, `2030-01-07` and so on. */
function counts(slots: readonly OwnSlot[], zone: string) {
  const counted = new Map<string, { free: number; taken: number }>()
  for (const { startsAt, status } of slots) {
    const day = dayOf(startsAt, zone).toString()
    const { free, taken } = counted.get(day) ?? { free: 0, taken: 0 }
    const isFree = status === 'OPEN'
    counted.set(day, { free: free + Number(isFree), taken: taken + Number(!isFree) })
  }
  return counted
}
