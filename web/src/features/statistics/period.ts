// The time that is looked at, as the address has it: `?days=30`, or `?from=2026-01-01&to=2026-01-31`.
import { type CalendarDate, parseDate, today } from '@internationalized/date'
import { begins } from '../agenda/days'

export const PRESETS = [7, 30, 90, 365] as const
export const LONGEST = 366 // days, as the server has it
const USUAL = 30

export interface Period {
  /** Both of them are looked at. */
  first: CalendarDate
  last: CalendarDate
  /** Null where the days were chosen. */
  days: number | null
}

/** What is not understood in an address is as if it were not there. */
export function periodOf(query: URLSearchParams, zone: string): Period {
  const first = date(query.get('from'))
  const last = date(query.get('to'))
  if (first && last && fits(first, last)) return { first, last, days: null }
  const days = PRESETS.find(preset => String(preset) === query.get('days')) ?? USUAL
  const now = today(zone)
  return { first: now.subtract({ days: days - 1 }), last: now, days }
}

/** Whether there is a first before a last, not too far away. */
export function fits(first: CalendarDate, last: CalendarDate): boolean {
  return last.compare(first) >= 0 && last.compare(first) < LONGEST
}

/** The instants between which it lies, the second no more a part of it. */
export const bounds = ({ first, last }: Period, zone: string) => ({
  from: begins(first, zone),
  to: begins(last.add({ days: 1 }), zone),
})

export function date(text: string | null): CalendarDate | null {
  try {
    return text ? parseDate(text) : null
  } catch {
    return null
  }
}
