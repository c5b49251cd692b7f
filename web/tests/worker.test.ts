import { expect, it } from 'vitest'
import { wayOf } from '../src/installed/rules'

const HERE = 'https://clinic.example.com'
const KEPT = new Set(['/assets/index-C9W2.js', '/icon.svg'])

const way = (path: string, mode = 'cors', method = 'GET') =>
  wayOf({ method, mode, url: new URL(path, HERE).href }, HERE, KEPT)

it('answers for the files of the shell', () => {
  expect(way('/assets/index-C9W2.js')).toBe('kept')
  expect(way('/icon.svg', 'no-cors')).toBe('kept')
})

it('leaves to the network whatever may be of somebody', () => {
  for (const path of ['/graphql', '/graphql?query={viewer{__typename}}', '/graphql/stream']) {
    expect(way(path)).toBe('network')
    expect(way(path, 'cors', 'POST')).toBe('network')
  }
  expect(way('/calendar/secret.ics')).toBe('network')
  expect(way('/map.json')).toBe('network')
})

it('leaves files that it has not fetched to the network', () => {
  expect(way('/assets/Record-new.js')).toBe('network')
  expect(way('/icon.svg?of=ana')).toBe('network')
  expect(way('https://files.example.com/icon.svg')).toBe('network')
})

it('asks the network for a page, and for nothing that is sent', () => {
  expect(way('/appointments', 'navigate')).toBe('page')
  expect(way('/icon.svg', 'navigate')).toBe('page')
  expect(way('/appointments', 'navigate', 'POST')).toBe('network')
  expect(way('https://files.example.com/x.pdf', 'navigate')).toBe('network')
})
