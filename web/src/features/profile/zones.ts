// The hours that Brazil has: one zone for each, and the one that somebody has already.
import { ownZone, zoneName } from '../../i18n/times'

const BRAZIL = ['America/Sao_Paulo', 'America/Manaus', 'America/Rio_Branco', 'America/Noronha']

/** As it is written, where the zone's name is not. */
const SPELT: Record<string, string> = { Sao_Paulo: 'São Paulo', Noronha: 'Fernando de Noronha' }

/** The present one first, whichever it is. */
export function zonesWith(present: string): readonly string[] {
  return [present, ...BRAZIL.filter(zone => zone !== present)]
}

/** Where this browser is, if that is one of Brazil's hours; else Brasília. */
export function likelyZone(zone = ownZone(), now = new Date()): string {
  const clock = (zone: string) => now.toLocaleString('en', { timeZone: zone })
  return zone.startsWith('America/')
    ? (BRAZIL.find(each => clock(each) === clock(zone)) ?? 'America/Sao_Paulo')
    : 'America/Sao_Paulo'
}

/** "Horário Padrão de Brasília (São Paulo)", say. */
export function sayZone(zone: string, language: string, now = new Date()): string {
  const place = zone.split('/').at(-1) ?? zone
  const spelt = SPELT[place] ?? place.replaceAll('_', ' ')
  return `${zoneName(now.toISOString(), language, zone)} (${spelt})`
}
