import i18n from 'i18next'
import { expect, it } from 'vitest'
import { begin, preferred, speak } from '../src/i18n/i18n'
import { day, hour, sameClock, zoneName } from '../src/i18n/times'

it.each([
  [null, ['pt-BR', 'en'], 'pt-BR'],
  [null, ['en-GB', 'pt'], 'en'],
  [null, ['fr', 'en-US'], 'en'],
  [null, ['ja'], 'pt-BR'],
  ['en', ['pt-BR'], 'en'],
  ['nonsense', ['pt-PT'], 'pt-BR'],
])('chosen %s, wanted %s: %s is spoken', (chosen, wanted, spoken) => {
  expect(preferred(chosen, wanted)).toBe(spoken)
})

it('an hour is that of the zone', () => {
  expect(hour('2030-01-07T12:15:00Z', 'pt-BR', 'America/Sao_Paulo')).toBe('09:15')
  expect(hour('2030-01-07T12:15:00Z', 'pt-BR', 'America/Manaus')).toBe('08:15')
})

it('a zone is named where it differs, and only there', () => {
  const at = '2030-01-07T12:15:00Z'
  expect(sameClock(at, 'America/Sao_Paulo', 'America/Bahia')).toBe(true)
  expect(sameClock(at, 'America/Sao_Paulo', 'America/Manaus')).toBe(false)
  expect(zoneName(at, 'pt-BR', 'America/Manaus')).toContain('Amazonas')
})

it('a year is said where it is not this one', () => {
  const now = new Date('2030-06-01T12:00:00Z')
  expect(day('2030-01-07T12:15:00Z', 'en', 'America/Sao_Paulo', now)).not.toContain('2030')
  expect(day('2029-12-31T12:15:00Z', 'en', 'America/Sao_Paulo', now)).toContain('2029')
})

it('words that few need come when they are wanted, in whichever language is chosen later too', async () => {
  await begin()
  await speak('pt-BR')
  expect(i18n.exists('administration.title')).toBe(false)
  await import('../src/features/administration/words')
  expect(i18n.t('administration.title')).toBe('Administração')
  await speak('en')
  expect(i18n.t('administration.title')).toBe('Administration')
  expect(i18n.t('audited.actions.SignIn')).toBe('Signed in')
})
