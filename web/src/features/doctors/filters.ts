// The search as the address has it: it can be sent to somebody else, and "back" goes back in it.
import type { DoctorFilter, DoctorOrder } from '../../gql/graphql'
import { CITIES } from './cities'

export const ORDERS = ['RATING', 'SOONEST', 'DISTANCE', 'NAME'] as const

/** What the server is asked for. What is not understood in an address is left out. */
export function asked(query: URLSearchParams): { filter: DoctorFilter; orderBy: DoctorOrder } {
  const near = placeOf(query)
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

function placeOf(query: URLSearchParams): DoctorFilter['near'] {
  const city = CITIES.find(([name]) => name === query.get('city'))
  if (city) return { latitude: city[1], longitude: city[2] }
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

/** What has been filled in, for the address. */
export function written(given: Iterable<[string, FormDataEntryValue]>): URLSearchParams {
  const filled = [...given].filter(([, value]) => typeof value === 'string' && value.trim() !== '')
  return new URLSearchParams(filled.map(([name, value]) => [name, String(value).trim()]))
}
