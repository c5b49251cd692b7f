import { expect, it, vi } from 'vitest'
import { Outbox, Refused, read, type Signal } from '../src/consultation/signals'

const hello = (session: string): Signal => ({ session, kind: 'hello' })

it('what is sent arrives in its order, one at a time, however slow the first is', async () => {
  const sent: string[] = []
  let under_way = 0
  const outbox = new Outbox(async payload => {
    expect(++under_way).toBe(1)
    const { session } = JSON.parse(payload)
    await new Promise(done => setTimeout(done, session === 'first' ? 20 : 0))
    sent.push(session)
    under_way -= 1
  })
  await Promise.all(['first', 'second', 'third'].map(session => outbox.say(hello(session))))

  expect(sent).toEqual(['first', 'second', 'third'])
})

it('what could not be sent is sent again, before what comes after it', async () => {
  const sent: string[] = []
  const wait = vi.fn(async () => {})
  let failures = 3
  const outbox = new Outbox(async payload => {
    if (failures-- > 0) throw new Error('no line')
    sent.push(JSON.parse(payload).session)
  }, wait)
  await Promise.all([outbox.say(hello('first')), outbox.say(hello('second'))])

  expect(sent).toEqual(['first', 'second'])
  expect(wait.mock.calls).toEqual([[500], [1000], [2000]])
})

it('after a refusal nothing more is sent', async () => {
  const send = vi.fn(async () => {
    throw new Refused()
  })
  const outbox = new Outbox(send)
  await Promise.all([outbox.say(hello('first')), outbox.say(hello('second'))])

  expect(send).toHaveBeenCalledTimes(1)
})

it.each(['', 'null', '[]', '{"session": 1, "kind": "hello"}', '{"session": "a"}'])(
  'what is no signal is none: %s',
  payload => {
    expect(read(payload)).toBeNull()
  },
)

it('a signal is read as it was sent', () => {
  const signal: Signal = {
    session: 'a',
    to: 'b',
    kind: 'candidates',
    candidates: [{ candidate: 'x' }],
  }
  expect(read(JSON.stringify(signal))).toEqual(signal)
})
