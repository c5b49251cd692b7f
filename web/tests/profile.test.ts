import { expect, it } from 'vitest'
import { citiesOf } from '../src/features/doctors/cities'
import { cityOf, placeOf } from '../src/features/profile/place'
import { fieldOf, inputOf } from '../src/features/profile/practised'
import { likelyZone, sayZone, zonesWith } from '../src/features/profile/zones'

const PRACTISED = [
  { code: 'cardiologia', rqe: ' ' },
  { code: 'pediatria', rqe: 'RQE 4321 ' },
]
const CITIES = citiesOf(
  'Santa Luzia,MG,-19.8,-43.9\nSanta Luzia,PB,-6.9,-36.9\nCampinas,SP,-22.9,-47.1',
)

it('a specialty without an RQE is practised, and no qualification', () => {
  expect(inputOf(PRACTISED)).toEqual({
    specialties: ['cardiologia', 'pediatria'],
    qualifications: [{ specialty: 'pediatria', rqe: 'RQE 4321' }],
  })
})

it('what is wrong with an RQE is said beside its specialty', () => {
  expect(fieldOf(PRACTISED, ['qualifications', '0', 'rqe'])).toBe('rqe.pediatria')
  expect(fieldOf(PRACTISED, ['specialties', '1'])).toBe('specialties')
  expect(fieldOf(PRACTISED, ['location', 'latitude'])).toBe('')
  expect(fieldOf(PRACTISED, [])).toBe('')
})

it('a city is known again by its name, and by where it is where several bear it', () => {
  const at = (latitude: number, longitude: number) => ({
    city: 'Santa Luzia',
    location: { latitude, longitude },
  })
  expect(cityOf(CITIES, at(-7, -37))?.uf).toBe('PB')
  expect(cityOf(CITIES, at(-20, -44))?.uf).toBe('MG')
  expect(cityOf(CITIES, { city: 'campinas', location: null })?.uf).toBe('SP')
  expect(cityOf(CITIES, { city: 'Bloco B', location: null })).toBeNull()
})

it('a practice is in the middle of its city, unless it is known better', () => {
  const campinas = CITIES[2] ?? null
  expect(placeOf(campinas, '')).toEqual({
    city: 'Campinas',
    location: { latitude: -22.9, longitude: -47.1 },
  })
  expect(placeOf(campinas, '-22.91,-47.06').location).toEqual({
    latitude: -22.91,
    longitude: -47.06,
  })
  expect(placeOf(null, '')).toEqual({ city: null, location: null })
})

it('the zone that somebody has is offered first, and none twice', () => {
  expect(zonesWith('America/Manaus')).toEqual([
    ...['America/Manaus', 'America/Sao_Paulo', 'America/Rio_Branco', 'America/Noronha'],
  ])
  expect(zonesWith('America/Bahia')).toHaveLength(5)
})

it('where no hour of Brazil is shown, Brasília is the likely one', () => {
  expect(likelyZone('America/Bahia')).toBe('America/Sao_Paulo')
  expect(likelyZone('America/Boa_Vista')).toBe('America/Manaus')
  expect(likelyZone('Europe/Lisbon')).toBe('America/Sao_Paulo')
  expect(sayZone('America/Manaus', 'pt-BR')).toContain('Amazonas (Manaus)')
})
