// Until when something is shared.

const DAY = 86_400_000 // milliseconds
const LONGEST = 365 // days: the server's own limit

/** The last moment of that day here; `day` as an input of dates gives it, "2026-12-31". */
export const endOf = (day: string): Date => new Date(`${day}T23:59:59`)

export const inDays = (days: number, now: number): Date => new Date(now + days * DAY)

/** As an input of dates has it, in local time. */
export function dayOf(at: Date): string {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

export const latestDay = (now: number): string => dayOf(inDays(LONGEST - 1, now))

/** What is left, in the largest unit that says something; null when it is over. */
export function left(until: string, now: number, language: string): string | null {
  const minutes = Math.ceil((Date.parse(until) - now) / 60_000)
  if (minutes <= 0) return null
  const [count, unit] =
    minutes < 120
      ? [minutes, 'minute']
      : minutes < 2 * 1440
        ? [Math.floor(minutes / 60), 'hour']
        : [Math.floor(minutes / 1440), 'day']
  const format = { style: 'unit', unit, unitDisplay: 'long' } as const
  return new Intl.NumberFormat(language, format).format(count)
}
