// A weekly pattern made into times, as the server makes it: for a preview of what it will make.
import {
  type CalendarDate,
  type CalendarDateTime,
  getDayOfWeek,
  parseDate,
  parseTime,
  toCalendarDateTime,
  toZoned,
} from '@internationalized/date'
import type { Weekday } from '../../gql/graphql'

export const WEEKDAYS = [
  'MONDAY',
  'TUESDAY',
  'WEDNESDAY',
  'THURSDAY',
  'FRIDAY',
  'SATURDAY',
  'SUNDAY',
] as const satisfies readonly Weekday[]

export interface Pattern {
  weekdays: readonly Weekday[]
  startTime: string
  endTime: string
  minutes: number
  bufferMinutes: number
  fromDate: string
  toDate: string
}

export interface Period {
  startsAt: string
  endsAt: string
}

export interface Planned extends Period {
  /** What is in its way. */
  fault: 'past' | 'overlaps' | null
}

const MINUTE = 60_000
export const DAYS_MOST = 366

/** In order of time; none where the pattern is not whole or makes no sense. */
export function periods(pattern: Pattern, zone: string): Period[] {
  const { minutes, startTime, endTime } = pattern
  if (!(minutes >= 5) || !(pattern.bufferMinutes >= 0)) return []
  if (!startTime || !(startTime < endTime)) return []
  const found: Period[] = []
  let busyUntil = Number.NEGATIVE_INFINITY
  for (const day of days(pattern)) {
    const closes = Math.max(...instants(at(day, endTime), zone), Number.NEGATIVE_INFINITY)
    const starts = tiles(pattern, day).flatMap(local => instants(local, zone))
    for (const start of starts.sort((one, other) => one - other)) {
      const end = start + minutes * MINUTE
      if ((Number.isFinite(closes) && end > closes) || start < busyUntil) continue
      found.push({ startsAt: iso(start), endsAt: iso(end) })
      busyUntil = end
    }
  }
  return found
}

/** With what is in the way of each: a slot that is there already, or that it has passed. */
export function planned(
  times: readonly Period[],
  taken: readonly Period[],
  now: number,
): Planned[] {
  const busy = taken.map(span).sort(([one], [other]) => one - other)
  let first = 0
  return times.map(time => {
    const [start, end] = span(time)
    while (first < busy.length && (busy[first]?.[1] ?? 0) <= start) first++
    const overlaps = (busy[first]?.[0] ?? Number.POSITIVE_INFINITY) < end
    return { ...time, fault: start <= now ? 'past' : overlaps ? 'overlaps' : null }
  })
}

const span = ({ startsAt, endsAt }: Period): [number, number] => [
  Date.parse(startsAt),
  Date.parse(endsAt),
]

const iso = (at: number) => new Date(at).toISOString()

const at = (day: CalendarDate, time: string) => toCalendarDateTime(day, parseTime(time))

function days({ weekdays, fromDate, toDate }: Pattern): CalendarDate[] {
  if (!fromDate || !toDate) return []
  const [first, last] = [parseDate(fromDate), parseDate(toDate)]
  const found: CalendarDate[] = []
  for (let day = first, count = 0; day.compare(last) <= 0 && count < DAYS_MOST; count++) {
    const name = WEEKDAYS[getDayOfWeek(day, 'en-US', 'mon')]
    if (name && weekdays.includes(name)) found.push(day)
    day = day.add({ days: 1 })
  }
  return found
}

function tiles({ startTime, endTime, minutes, bufferMinutes }: Pattern, day: CalendarDate) {
  const closes = at(day, endTime)
  const found: CalendarDateTime[] = []
  for (let start = at(day, startTime); start.add({ minutes }).compare(closes) <= 0; ) {
    found.push(start)
    start = start.add({ minutes: minutes + bufferMinutes })
  }
  return found
}

/** None where the clock leaps over this time, two where it goes back over it. */
function instants(local: CalendarDateTime, zone: string): number[] {
  const both = (['earlier', 'later'] as const).map(which => toZoned(local, zone, which))
  const real = both.filter(zoned => toCalendarDateTime(zoned).compare(local) === 0)
  return [...new Set(real.map(zoned => zoned.toDate().getTime()))]
}
