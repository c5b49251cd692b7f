// The search as the address has it: it can be sent to somebody else, and "back" goes back in it.
import type { DoctorFilter, DoctorOrder } from '../../gql/graphql'
import type { City } from './cities'

export const ORDERS = ['DISTANCE', 'RATING', 'SOONEST', 'NAME'] as const
/** What is said in the form; the rest of an address is how the results are shown. */
export const FILTERS = ['specialty', 'name', 'city', 'at', 'km', 'rating', 'from', 'to'] as const

export interface Search {
  filter: DoctorFilter
  orderBy: DoctorOrder
}

/** What the server is asked for. What is not understood in an address is left out. */
export function asked(query: URLSearchParams, cities: readonly City[] | null): Search {
  const near = placeOf(query, cities)
  const number = (name: string) => {
    const value = Number(query.get(name))
    return value > 0 ? value : null
  }
  const filter: DoctorFilter = {
    specialty: query.get('specialty') || null,
    search: query.get('name') || null,
    near,
    withinKm: near && number('km'),
    minimumRating: number('rating'),
    availableFrom: midnight(query.get('from')),
    availableTo: midnight(query.get('to'), 1),
  }
  const wanted = ORDERS.find(order => order === query.get('order'))
  if (wanted && (wanted !== 'DISTANCE' || near)) return { filter, orderBy: wanted }
  return { filter, orderBy: near ? 'DISTANCE' : 'RATING' }
}

function placeOf(query: URLSearchParams, cities: readonly City[] | null): DoctorFilter['near'] {
  const city = cities?.find(({ id }) => id === query.get('city'))
  if (city) return { latitude: city.latitude, longitude: city.longitude }
  const [latitude = Number.NaN, longitude = Number.NaN] = (query.get('at') ?? '')
    .split(',')
    .map(Number)
  const real = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
  return real && query.get('at')?.includes(',') ? { latitude, longitude } : null
}

/** The beginning of that day, or of one after it, where the viewer is. */
function midnight(date: string | null, daysLater = 0): string | null {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date ?? '') ?? []
  if (!year) return null
  return new Date(Number(year), Number(month) - 1, Number(day) + daysLater).toISOString()
}

/** To about a kilometre: the address of a search may be sent to others. */
export const roughly = ({ latitude, longitude }: GeolocationCoordinates) =>
  `${latitude.toFixed(2)},${longitude.toFixed(2)}`

/** What has been filled in, for the address; how results are shown stays as it was. */
export function written(
  given: Iterable<[string, FormDataEntryValue]>,
  before = new URLSearchParams(),
): URLSearchParams {
  const filled = [...given].filter(([, value]) => typeof value === 'string' && value.trim() !== '')
  const query = new URLSearchParams(filled.map(([name, value]) => [name, String(value).trim()]))
  for (const [name, value] of before) {
    if (!(FILTERS as readonly string[]).includes(name)) query.set(name, value)
  }
  if (!query.has('city') && !query.has('at')) query.delete('km')
  return query
}

const PLACE = ['city', 'at', 'km'] as const

/** The address without one of the filters; a distance is nothing without a place. */
export function without(query: URLSearchParams, filter: string): URLSearchParams {
  const gone: readonly string[] = filter === 'city' || filter === 'at' ? PLACE : [filter]
  return new URLSearchParams([...query].filter(([name]) => !gone.includes(name)))
}
