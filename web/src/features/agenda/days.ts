// Days of a week or a month by the doctor's own wall clock.
import {
  type CalendarDate,
  endOfMonth,
  parseAbsolute,
  parseDate,
  parseTime,
  startOfMonth,
  startOfWeek,
  toCalendarDate,
  toCalendarDateTime,
  toTime,
  toZoned,
} from '@internationalized/date'

/** The instant at which a day begins there. */
export const begins = (day: CalendarDate, zone: string): string =>
  toZoned(day, zone).toAbsoluteString()

export const dayOf = (instant: string, zone: string): CalendarDate =>
  toCalendarDate(parseAbsolute(instant, zone))

/** "08:30", as a time field has it. */
export const timeOf = (instant: string, zone: string): string =>
  toTime(parseAbsolute(instant, zone)).toString().slice(0, 5)

export function week(day: CalendarDate, language: string): CalendarDate[] {
  const first = startOfWeek(day, language)
  return Array.from({ length: 7 }, (_, number) => first.add({ days: number }))
}

/** All of its weeks, with what they have of the months beside it. */
export function month(day: CalendarDate, language: string): CalendarDate[] {
  const days: CalendarDate[] = []
  for (let first = startOfMonth(day); first.compare(endOfMonth(day)) <= 0; ) {
    days.push(...week(first, language))
    first = startOfWeek(first.add({ weeks: 1 }), language)
  }
  return days
}

/** Tells days there in words, or as much of them as the options want. */
export function namer(language: string, zone: string) {
  return (day: CalendarDate, options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(language, { ...options, timeZone: zone }).format(day.toDate(zone))
}

/** The instant of a wall-clock time, as date and time fields give it. */
export function instant(date: string, time: string, zone: string): string {
  const local = toCalendarDateTime(parseDate(date), parseTime(time))
  return toZoned(local, zone).toAbsoluteString()
}

export function later(instant: string, minutes: number): string {
  return new Date(Date.parse(instant) + minutes * 60_000).toISOString()
}

export const minutesOf = ({ startsAt, endsAt }: { startsAt: string; endsAt: string }) =>
  Math.round((Date.parse(endsAt) - Date.parse(startsAt)) / 60_000)
