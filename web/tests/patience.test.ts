import { expect, it, vi } from 'vitest'
import { Patience } from '../src/graphql/patience'

const ASKED = { method: 'POST', body: '{"variables":{}}' }
const busy = (after: string | null = '2') =>
  new Response(null, { status: 503, headers: after === null ? {} : { 'retry-after': after } })

function begun(...answers: Response[]) {
  const left = [...answers]
  const send = vi.fn(async () => left.shift() ?? new Response('late'))
  const pause = vi.fn(async () => undefined)
  return { send, pause, patience: new Patience(send as typeof fetch, pause) }
}

it('what was turned away goes out again as it was, after as long as was said', async () => {
  const { patience, send, pause } = begun(busy('2'), busy('1'), new Response('it'))
  const answer = await patience.fetch('/graphql', ASKED)

  expect(await answer.text()).toBe('it')
  expect(send.mock.calls).toEqual(Array(3).fill(['/graphql', ASKED]))
  expect(pause.mock.calls).toEqual([
    [2, undefined],
    [1, undefined],
  ])
})

it('while something waits it is told, and once for all of it', async () => {
  const go: Array<() => void> = []
  const send = vi.fn(async () => (go.length < 2 ? busy() : new Response('it')))
  const patience = new Patience(send as typeof fetch, () => new Promise(done => go.push(done)))
  const told = vi.fn(() => patience.waits)
  patience.subscribe(told)
  const both = [patience.fetch('/graphql', ASKED), patience.fetch('/graphql', ASKED)]
  await vi.waitFor(() => expect(go).toHaveLength(2))
  expect(patience.waits).toBe(true)

  go[0]?.()
  await both[0]
  expect(patience.waits).toBe(true)
  go[1]?.()
  await both[1]
  expect(patience.waits).toBe(false)
  expect(told.mock.results.map(({ value }) => value)).toEqual([true, false])
})

it('after the fourth time the refusal is the answer', async () => {
  const { patience, send } = begun(busy(), busy(), busy(), busy(), new Response('it'))

  expect((await patience.fetch('/graphql', ASKED)).status).toBe(503)
  expect(send).toHaveBeenCalledTimes(4)
  expect(patience.waits).toBe(false)
})

it.each([
  ['an answer', new Response('it')],
  ['a rate that was overrun', new Response(null, { status: 429, headers: { 'retry-after': '2' } })],
  ['a balancer that found nobody', busy(null)],
  ['somebody who says a day of the calendar', busy('Wed, 21 Oct 2026 07:28:00 GMT')],
  ['somebody who says a minute', busy('60')],
])('nothing is waited for after %s', async (_, first) => {
  const { patience, send } = begun(first)

  expect(await patience.fetch('/graphql', ASKED)).toBe(first)
  expect(send).toHaveBeenCalledTimes(1)
})

it('who has gone meanwhile sends nothing more', async () => {
  vi.useFakeTimers()
  const send = vi.fn(async () => busy('3'))
  const patience = new Patience(send as typeof fetch)
  const leaving = new AbortController()
  const answer = patience.fetch('/graphql', { ...ASKED, signal: leaving.signal })
  const gone = expect(answer).rejects.toThrow('aborted')
  await vi.advanceTimersByTimeAsync(1000)
  leaving.abort()
  await gone
  await vi.advanceTimersByTimeAsync(10_000)

  expect(send).toHaveBeenCalledTimes(1)
  expect(patience.waits).toBe(false)
  vi.useRealTimers()
})
