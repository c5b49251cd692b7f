// A doctor's free times: those that were read, and what has been heard since.
import type { Time } from './operations'

const DAY = 86_400_000 // milliseconds

/** The free ones of [from, to), the soonest first. What was heard is newer than what was read. */
export function free(
  read: readonly Time[],
  heard: ReadonlyMap<string, Time>,
  from: Date,
  to: Date,
): Time[] {
  const all = new Map([...read.map(time => [time.id, time] as const), ...heard])
  return [...all.values()]
    .filter(({ status }) => status === 'OPEN')
    .filter(({ startsAt }) => Date.parse(startsAt) >= +from && Date.parse(startsAt) < +to)
    .sort((one, other) => Date.parse(one.startsAt) - Date.parse(other.startsAt))
}

/** Midnight of a day, where the viewer is. */
export function startOf(date: string): Date {
  return new Date(`${date}T00:00`)
}

/** 2026-11-27, where the viewer is. */
export function dateOf(instant: Date): string {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${instant.getFullYear()}-${two(instant.getMonth() + 1)}-${two(instant.getDate())}`
}

/** A number of midnights later, also where clocks are changed in between. */
export function later(instant: Date, days: number): Date {
  return new Date(instant.getFullYear(), instant.getMonth(), instant.getDate() + days)
}

/** Each day of [from, to), with the times that begin on it. */
export function byDay(times: readonly Time[], from: Date, to: Date): [string, Time[]][] {
  const days = Math.round((+to - +from) / DAY)
  return Array.from({ length: days }, (_, number) => {
    const date = dateOf(later(from, number))
    return [date, times.filter(({ startsAt }) => dateOf(new Date(startsAt)) === date)]
  })
}
