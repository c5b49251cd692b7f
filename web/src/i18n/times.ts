// Dates and hours as the viewer reads them: in his own zone, with the zone's name where two differ.

export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** With the year where it is not this one. */
export function day(instant: string, language: string, zone = ownZone(), now = new Date()): string {
  const year = (at: string) => format(at, 'en', { year: 'numeric', timeZone: zone })
  return format(instant, language, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(year(instant) !== year(now.toISOString()) && { year: 'numeric' }),
    timeZone: zone,
  })
}

export function hour(instant: string, language: string, zone = ownZone()): string {
  return format(instant, language, { timeStyle: 'short', timeZone: zone })
}

export function dayAndHour(instant: string, language: string, zone = ownZone()): string {
  const date = format(instant, language, { day: 'numeric', month: 'short', timeZone: zone })
  return `${date}, ${hour(instant, language, zone)}`
}

/** For a leaf of a calendar. */
export function leaf(instant: string, language: string, zone = ownZone()) {
  return {
    day: format(instant, language, { day: '2-digit', timeZone: zone }),
    month: format(instant, language, { month: 'short', timeZone: zone }).replace('.', ''),
    weekday: format(instant, language, { weekday: 'short', timeZone: zone }).replace('.', ''),
  }
}

/** "Horário do Amazonas", say. */
export function zoneName(instant: string, language: string, zone: string): string {
  const parts = new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: 'longGeneric' })
  const named = parts.formatToParts(new Date(instant)).find(part => part.type === 'timeZoneName')
  return named?.value ?? zone
}

/** Whether clocks in the two zones show the same at that instant. */
export function sameClock(instant: string, one: string, other: string): boolean {
  const shown = [one, other].map(zone => `${hour(instant, 'en', zone)}${day(instant, 'en', zone)}`)
  return shown[0] === shown[1]
}

function format(instant: string, language: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(language, options).format(new Date(instant))
}
