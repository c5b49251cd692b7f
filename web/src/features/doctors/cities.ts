// The municipalities of Brazil, for who would rather name a place than be located.
// They are read when somebody wants one: geography/README.md says where they are from.

export interface City {
  /** As addresses have it: Campinas-SP. */
  id: string
  name: string
  uf: string
  latitude: number
  longitude: number
  /** What is searched in: the name and the state without accents. */
  words: string
}

export const labelOf = ({ name, uf }: City) => `${name} — ${uf}`

let known: Promise<readonly City[]> | undefined

export function allCities(): Promise<readonly City[]> {
  known ??= import('./geography/municipalities.csv?raw').then(
    ({ default: lines }) => citiesOf(lines),
    fault => {
      known = undefined // the next who asks tries again
      throw fault
    },
  )
  return known
}

export function citiesOf(lines: string): City[] {
  return lines
    .trim()
    .split('\n')
    .map(line => {
      const [name = '', uf = '', latitude, longitude] = line.split(',')
      return {
        id: `${name}-${uf}`,
        name,
        uf,
        latitude: Number(latitude),
        longitude: Number(longitude),
        words: plain(`${name} ${uf}`),
      }
    })
}

/** Those that what was typed may mean, with accents or without; where it is equal, the larger first. */
export function suggested(cities: readonly City[], typed: string, most = 40): City[] {
  const wanted = plain(typed)
  const words = wanted.split(' ')
  const first: City[] = []
  const others: City[] = []
  for (const city of cities) {
    if (city.words.startsWith(wanted)) first.push(city)
    else if (others.length < most && words.every(word => ` ${city.words}`.includes(` ${word}`)))
      others.push(city)
    if (first.length === most) break
  }
  return [...first, ...others].slice(0, most)
}

/** The one that was meant by who typed all of its name, and did not choose. */
export function meant(cities: readonly City[], typed: string): City | null {
  const wanted = plain(typed)
  return cities.find(city => wanted === plain(city.name) || wanted === city.words) ?? null
}

function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f'’]/g, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
    .join(' ')
}
