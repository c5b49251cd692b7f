// Where a doctor practises, as it is filled in and as the server takes it.
import type { GeoPointInput } from '../../gql/graphql'
import { type City, meant } from '../doctors/cities'

export interface Place {
  city: string | null
  location: GeoPointInput | null
}

/** The municipality that a profile means, by its name; the nearest of those that bear it. */
export function cityOf(cities: readonly City[], { city, location }: Place): City | null {
  const first = meant(cities, city ?? '')
  if (!first || !location) return first
  const away = ({ latitude, longitude }: City) =>
    Math.hypot(latitude - location.latitude, longitude - location.longitude)
  return cities
    .filter(({ name }) => name === first.name)
    .reduce((nearest, each) => (away(each) < away(nearest) ? each : nearest), first)
}

/** `at`: "latitude,longitude" of the practice itself; empty: the middle of the city will do. */
export function placeOf(city: City | null, at: string): Place {
  const [latitude, longitude] = at ? at.split(',').map(Number) : [city?.latitude, city?.longitude]
  const location =
    latitude === undefined || longitude === undefined ? null : { latitude, longitude }
  return { city: city?.name ?? null, location }
}
