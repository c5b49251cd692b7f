// What is meant by what somebody types for a place, and what is put together on the map.
import { expect, it } from 'vitest'
import { allCities, labelOf, meant, suggested } from '../src/features/doctors/cities'
import { clear, stacked } from '../src/features/doctors/map/stacks'

const CITIES = await allCities()
const found = (typed: string) => suggested(CITIES, typed).map(labelOf)

it('every municipality is there once, and lies in Brazil', () => {
  expect(CITIES.length).toBe(5_571)
  expect(new Set(CITIES.map(({ id }) => id)).size).toBe(CITIES.length)
  expect(new Set(CITIES.map(({ uf }) => uf)).size).toBe(27)
  for (const { latitude, longitude } of CITIES) {
    expect(latitude > -34 && latitude < 5.3).toBe(true)
    expect(longitude > -74 && longitude < -32).toBe(true)
  }
})

it.each([
  ['são jose do rio pr', 'São José do Rio Preto — SP'],
  ['SAO PAULO', 'São Paulo — SP'],
  ['campinas sp', 'Campinas — SP'],
  ['campinas — sp', 'Campinas — SP'],
  ["santa barbara d'oeste", "Santa Bárbara d'Oeste — SP"],
  ['santa barbara doeste', "Santa Bárbara d'Oeste — SP"],
  ['rio preto sp', 'São José do Rio Preto — SP'],
])('%s is found, with accents or without', (typed, city) => {
  expect(found(typed)[0]).toBe(city)
})

it('of those that begin alike the capital comes first, then the larger', () => {
  expect(found('palmas')[0]).toBe('Palmas — TO')
  expect(found('s')[0]).toBe('São Paulo — SP')
  const [first, second] = found('campina')
  expect([first, second]).toEqual(['Campinas — SP', 'Campina Grande — PB'])
})

it('a beginning of the name comes before a word within it', () => {
  const all = found('bento')
  expect(all[0]).toBe('Bento Gonçalves — RS')
  expect(all).toContain('São Bento — PB')
  expect(found('ento')).toEqual([])
})

it('nothing typed offers the capitals, and no more than can be looked through', () => {
  expect(found('')).toHaveLength(40)
  expect(found('')[0]).toBe('São Paulo — SP')
})

it('who types all of a name need not choose it', () => {
  expect(meant(CITIES, 'campinas')?.id).toBe('Campinas-SP')
  expect(meant(CITIES, 'Bom Jesus RS')?.id).toBe('Bom Jesus-RS')
  expect(meant(CITIES, 'campin')).toBeNull()
  expect(meant(CITIES, '')).toBeNull()
})

it('what lies upon each other is one stack, in the order in which it came', () => {
  const points = [0, 100, 10, 105, 300].map(x => ({ x, y: 0 }))
  const stacks = stacked(points, point => point, 44).map(stack => stack.map(({ x }) => x))
  expect(stacks).toEqual([[0, 10], [100, 105], [300]])
})

it('names that would touch give way to those before them', () => {
  const boxOf = (left: number) => ({ left, right: left + 20, top: 0, bottom: 10 })
  expect(clear([0, 10, 20, 35, 50], boxOf, 9)).toEqual([0, 20, 50])
  expect(clear([0, 10, 20, 35, 50], boxOf, 2)).toEqual([0, 20])
})
