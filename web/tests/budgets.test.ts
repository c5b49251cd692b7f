import { expect, it } from 'vitest'
import { measure, requireWithin } from '../budgets'

const CHUNKS = {
  'index.html': {
    file: 'index.js',
    imports: ['_shared.js'],
    dynamicImports: ['Route.tsx'],
    css: ['index.css'],
  },
  'playground.html': { file: 'playground.js', css: ['playground.css'] },
  '_shared.js': { file: 'shared.js' },
  '_form.js': { file: 'form.js' },
  'Route.tsx': {
    file: 'Route.js',
    isDynamicEntry: true,
    imports: ['_shared.js', '_form.js', 'index.html'],
  },
}
const SIZES = {
  'index.js': 100_000,
  'shared.js': 90_000,
  'Route.js': 50_000,
  'form.js': 40_000,
  'index.css': 10_000,
  'playground.js': 900_000,
  'playground.css': 300_000,
  'icon.svg': 200,
}

const measured = (sizes: Record<string, number> = {}) => measure(CHUNKS, { ...SIZES, ...sizes })
const bytesOf = (what: string) => measured().find(each => each.what === what)?.bytes

it('counts what is needed for the first page, and what a route adds to it', () => {
  expect(bytesOf('the first page')).toBe(190_000)
  expect(bytesOf('Route.tsx')).toBe(90_000)
  expect(bytesOf('the playground')).toBe(900_000)
  expect(() => requireWithin(measured())).not.toThrow()
})

it.each([
  ['the first page', { 'shared.js': 100_001 }],
  ['Route.tsx', { 'form.js': 50_001 }],
  ['index.css', { 'index.css': 20_001 }],
  ['icon.svg', { 'icon.svg': 40_001 }],
  ['playground.css', { 'playground.css': 400_001 }],
] as [string, Record<string, number>][])('names what is too big: %s', (what, sizes) => {
  expect(() => requireWithin(measured(sizes))).toThrow(`  ${what}: `)
})
