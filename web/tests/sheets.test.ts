// Sheets of features come late and stay: a name in two of them means whatever came last.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const SHARED = globSync('src/styles/*.css')
const SHEETS = globSync('src/{features,consultation,ui}/**/*.css')
const SOURCES = globSync('src/**/*.tsx')

const read = (path: string) => readFileSync(path, 'utf8')

function selectors(sheet: string): string[] {
  const bare = read(sheet)
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/@(media|container)[^{]*\{/g, '')
  return [...bare.matchAll(/([^{}]+)\{[^{}]*\}/g)].flatMap(([, list]) => parted(list ?? ''))
}

/** Each is on a line of its own: a comma within brackets parts nothing. */
const parted = (list: string) => list.split(',\n').map(each => each.trim())

const classes = (selector: string) =>
  [...selector.matchAll(/\.([a-zA-Z][\w-]*)/g)].map(([, name]) => name ?? '')

const shared = new Set(SHARED.flatMap(selectors).flatMap(classes))
/** The first that is not shared: what comes after it is said of things within, or of its states. */
const own = (selector: string) => classes(selector).find(name => !shared.has(name))

const names = (sheet: string) => new Set(selectors(sheet).flatMap(each => own(each) ?? []))

test('what a sheet of a feature says is said of names of its own', () => {
  const loose = SHEETS.flatMap(sheet =>
    selectors(sheet)
      .filter(selector => !own(selector))
      .map(selector => `${sheet}: ${selector}`),
  )

  expect(loose).toEqual([])
})

test('no two of them have one name', () => {
  const owners = new Map<string, Set<string>>()
  for (const sheet of SHEETS) {
    for (const name of names(sheet)) {
      owners.set(name, (owners.get(name) ?? new Set()).add(sheet))
    }
  }
  const twice = [...owners].filter(([, sheets]) => sheets.size > 1)

  expect(twice.map(([name, sheets]) => `${name}: ${[...sheets].join(', ')}`)).toEqual([])
})

test('who uses a name has its sheet', () => {
  const sheetOf = new Map(
    SHEETS.flatMap(sheet => [...names(sheet)].map(name => [name, sheet] as const)),
  )
  const imported = new Map<string, Set<string>>()
  for (const source of SOURCES) {
    const folder = dirname(source)
    const sheets = imported.get(folder) ?? new Set()
    for (const [, path] of read(source).matchAll(/^import '(\..*\.css)'/gm)) {
      sheets.add(join(folder, path ?? ''))
    }
    imported.set(folder, sheets)
  }
  const without = SOURCES.flatMap(source =>
    [...read(source).matchAll(/className="([^"]+)"/g)]
      .flatMap(([, names]) => names?.split(' ') ?? [])
      .filter(name => {
        const sheet = sheetOf.get(name)
        const folders = [dirname(source), dirname(dirname(source))]
        return sheet && !folders.some(folder => imported.get(folder)?.has(sheet))
      })
      .map(name => `${source}: ${name} of ${sheetOf.get(name)}`),
  )

  expect(without).toEqual([])
})
