// The search as an address has it, and free times as they are heard of.
import { expect, it } from 'vitest'
import { byDay, free, later, startOf } from '../src/features/doctors/agenda'
import { citiesOf } from '../src/features/doctors/cities'
import { asked, roughly, without, written } from '../src/features/doctors/filters'

const CITIES = citiesOf('Manaus,AM,-3.119,-60.021\n')
const search = (address: string) => asked(new URLSearchParams(address), CITIES)

it('an address says what is searched', () => {
  const { filter, orderBy } = search(
    'specialty=cardiologia&name=%C3%ADris&rating=4.5&order=SOONEST',
  )
  expect(filter).toMatchObject({ specialty: 'cardiologia', search: 'íris', minimumRating: 4.5 })
  expect(orderBy).toBe('SOONEST')
})

it('a city is a place, and the nearest to it come first', () => {
  const { filter, orderBy } = search('city=Manaus-AM&km=25')
  expect(filter.near?.latitude).toBeCloseTo(-3.1, 1)
  expect(filter.withinKm).toBe(25)
  expect(orderBy).toBe('DISTANCE')
})

it('the last day counts as a whole', () => {
  const { filter } = search('from=2030-01-07&to=2030-01-07')
  const length = Date.parse(filter.availableTo ?? '') - Date.parse(filter.availableFrom ?? '')
  expect(length).toBe(86_400_000)
})

it.each(['km=5', 'order=DISTANCE', 'at=nowhere', 'at=99,0', 'city=Atlantis&km=5', 'rating=-1'])(
  'what cannot be asked is left out: %s',
  address => {
    const { filter, orderBy } = search(address)
    expect(filter.near).toBeNull()
    expect(filter.withinKm).toBeNull()
    expect(filter.minimumRating).toBeNull()
    expect(orderBy).toBe('RATING')
  },
)

it('where a device is goes into an address only roughly', () => {
  const coords = { latitude: -23.550_52, longitude: -46.633_31 } as GeolocationCoordinates
  expect(roughly(coords)).toBe('-23.55,-46.63')
  expect(search(`at=${roughly(coords)}`).filter.near).toEqual({
    latitude: -23.55,
    longitude: -46.63,
  })
})

it('what is left empty is not in the address', () => {
  const given: [string, string][] = [
    ['name', ' '],
    ['city', 'Natal-RN'],
  ]
  expect(written(given).toString()).toBe('city=Natal-RN')
})

it('how results are shown stays as it was when something else is searched', () => {
  const before = new URLSearchParams('rating=4&order=NAME&view=map')
  expect(written([['name', 'íris']], before).toString()).toBe('name=%C3%ADris&order=NAME&view=map')
})

it('a distance goes with its place', () => {
  expect(written([['km', '5']]).toString()).toBe('')
  const query = new URLSearchParams('rating=4&city=Natal-RN&km=5')
  expect(without(query, 'km').toString()).toBe('rating=4&city=Natal-RN')
  expect(without(query, 'city').toString()).toBe('rating=4')
})

const time = (id: string, day: number, status: 'OPEN' | 'HELD' | 'BOOKED' = 'OPEN') => {
  const startsAt = new Date(2030, 0, day, 9).toISOString()
  return { __typename: 'Slot' as const, id, startsAt, endsAt: startsAt, status }
}
const ids = (times: { id: string }[]) => times.map(({ id }) => id)
const MONDAY = startOf('2030-01-07')
const NEXT = later(MONDAY, 7)

it('what was heard is newer than what was read', () => {
  const heard = new Map([
    ['gone', time('gone', 8, 'HELD')],
    ['new', time('new', 7)],
    ['moved', time('moved', 20)],
  ])
  const read = [time('gone', 8), time('moved', 9), time('stays', 10), time('taken', 11, 'BOOKED')]
  expect(ids(free(read, heard, MONDAY, NEXT))).toEqual(['new', 'stays'])
})

it('each day has its own times, and is there without any', () => {
  const days = byDay([time('one', 7), time('two', 9)], MONDAY, NEXT)
  expect(days.map(([, times]) => ids(times))).toEqual([['one'], [], ['two'], [], [], [], []])
  expect(days[0]?.[0]).toBe('2030-01-07')
})
