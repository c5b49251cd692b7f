// Numbers as they are read.
import type { Statistics } from './operations'

/** "2 h 5 min", "3 days 1 h": the two greatest units. */
export function duration(seconds: number, language: string): string {
  const minutes = Math.round(seconds / 60)
  const parts = [
    ['day', Math.floor(minutes / 1440)],
    ['hour', Math.floor((minutes % 1440) / 60)],
    ['minute', minutes % 60],
  ] as const
  const told = parts.filter(([, count]) => count > 0).slice(0, 2)
  return (told.length ? told : ([['minute', 0]] as const))
    .map(([unit, count]) =>
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(count),
    )
    .join(' ')
}

export const percent = (share: number, language: string): string =>
  new Intl.NumberFormat(language, { style: 'percent' }).format(share)

export const hours = (minutes: number, language: string): string =>
  new Intl.NumberFormat(language, {
    style: 'unit',
    unit: 'hour',
    unitDisplay: 'short',
    maximumFractionDigits: 1,
  }).format(minutes / 60)

/** A date of a calendar, as "3 Jan"; of another year than this with the year. */
export function shortDay(date: string, language: string, now = new Date()): string {
  const otherYear = !date.startsWith(String(now.getFullYear()))
  return new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'short',
    ...(otherYear && { year: 'numeric' }),
    timeZone: 'UTC',
  }).format(new Date(`${date}T00:00Z`))
}

/** Whether there is anything at all to draw. */
export const isEmpty = ({ requests, reviews, series }: Statistics): boolean =>
  requests === 0 &&
  reviews === 0 &&
  series.every(each => each.publishedMinutes + each.completed + each.cancelled + each.noShows === 0)

/** A round number at or above `most`, of which a half and a whole are good to read. */
export function ceiling(most: number): number {
  if (most <= 2) return 2
  const power = 10 ** Math.floor(Math.log10(most))
  const fit = [1, 2, 4, 6, 8, 10].find(step => step * power >= most) ?? 10
  return fit * power
}
