import { expect, it, vi } from 'vitest'
import { lifetime, type Session, Sessions } from '../src/session/session'

const MINUTES = 60_000

/** As long as a token of the server; by its clock, which is not this page's. */
function token(name: string): string {
  const claims = { name, iat: 2_000_000_000, exp: 2_000_000_600 }
  return `header.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.signature`
}

const session = (name = 'first'): Session => ({
  accessToken: token(name),
  id: 'patient_1',
  role: 'patient',
  name: 'Ana',
})

it('a token lives as long as it says, whatever the clocks show', () => {
  expect(lifetime(token('a'))).toBe(10 * MINUTES)
})

it('before it expires it is renewed, once for all who ask at the same time', async () => {
  let now = 0
  const renew = vi.fn(async () => session('second'))
  const sessions = new Sessions(renew, () => now)
  sessions.begin(session())
  expect(await sessions.authorization()).toBe(`Bearer ${token('first')}`)

  now = 9.6 * MINUTES
  const both = await Promise.all([sessions.authorization(), sessions.authorization()])
  expect(both).toEqual([`Bearer ${token('second')}`, `Bearer ${token('second')}`])
  expect(renew).toHaveBeenCalledTimes(1)
  expect(sessions.current).toEqual(session('second'))
  expect(sessions.stale).toBe(false)
})

it('a session that cannot be renewed is over', async () => {
  const sessions = new Sessions(async () => null)
  const told = vi.fn()
  sessions.begin(session())
  sessions.subscribe(told)
  await sessions.refresh()

  expect(sessions.current).toBeNull()
  expect(sessions.lost).toBe(true)
  expect(told).toHaveBeenCalledTimes(1)
})

it('a session that its owner ends is not lost, and neither is the next', async () => {
  const sessions = new Sessions(async () => null)
  sessions.begin(session())
  sessions.end()
  expect(sessions.lost).toBe(false)

  sessions.begin(session())
  await sessions.refresh()
  sessions.begin(session('second'))
  expect(sessions.lost).toBe(false)
})

it('while the server is out of reach nobody is signed out', async () => {
  const sessions = new Sessions(async () => {
    throw new TypeError('Failed to fetch')
  })
  sessions.begin(session())

  await expect(sessions.refresh()).rejects.toThrow('Failed to fetch')
  expect(sessions.current).not.toBeNull()
})

it('who signs out while it is renewed stays out', async () => {
  let answer = (_: Session) => {}
  const sessions = new Sessions(() => new Promise(done => (answer = done)))
  sessions.begin(session())
  const refreshing = sessions.refresh()
  sessions.end()
  answer(session('second'))
  await refreshing

  expect(sessions.current).toBeNull()
})

it('a page that is loaded anew has the session that the browser has kept', async () => {
  const sessions = new Sessions(async () => session())
  await sessions.resume()

  expect(sessions.current).toEqual(session())
})
