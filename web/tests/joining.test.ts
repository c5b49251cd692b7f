// What comes of joining, and how a subscription is heard for as long as it is wanted.
import type { Client } from '@urql/core'
import { afterEach, expect, it, vi } from 'vitest'
import { join } from '../src/features/consultations/joining'
import { Signals } from '../src/features/consultations/operations'
import { listen } from '../src/graphql/listen'

const stream = { getAudioTracks: () => [], getVideoTracks: () => [] } as unknown as MediaStream

/** A client whose next mutation is answered so. */
function answering(joinConsultation: object | null): Client {
  const answer = { data: joinConsultation && { joinConsultation } }
  return { mutation: () => ({ toPromise: async () => answer }) } as unknown as Client
}

const refused = (...problems: object[]) => ({ grant: null, problems })

it.each([
  [null, { why: 'FAILED' }],
  [refused({ code: 'WRONG_STATUS' }), { why: 'OVER' }],
  [
    refused({ code: 'OUTSIDE_WINDOW', opensAt: '2030-01-07T12:15:00Z' }),
    { why: 'OUTSIDE_WINDOW', opensAt: '2030-01-07T12:15:00Z' },
  ],
  [{ grant: { provider: 'CHIME', credentials: '' }, problems: [] }, { why: 'FAILED' }],
])('who is not let in is told why: %j', async (answer, told) => {
  expect(await join(answering(answer), 'appointment_1', 'patient', stream)).toEqual(told)
})

type Told = (result: object) => void

/** A client that subscribes, and what each subscription was asked and can be told. */
function subscribing() {
  const begun: { variables: { after?: string }; tell: Told; unsubscribe: () => void }[] = []
  const subscription = (_: unknown, variables: object) => ({
    subscribe: (tell: Told) => {
      const unsubscribe = vi.fn()
      begun.push({ variables, tell, unsubscribe })
      return { unsubscribe }
    },
  })
  return { client: { subscription } as unknown as Client, begun }
}

const signal = (cursor: string) => ({
  data: { consultationSignals: { cursor, payload: '{}' } },
  hasNext: true,
})

afterEach(() => {
  vi.useRealTimers()
})

it('a subscription that ends is begun again, from where it was', () => {
  vi.useFakeTimers()
  const { client, begun } = subscribing()
  const heard = vi.fn()
  listen(client, Signals, { appointmentId: 'appointment_1', after: null }, heard)
  begun[0]?.tell(signal('7'))
  begun[0]?.tell({ error: new Error('Too far behind'), hasNext: false })
  expect(begun).toHaveLength(1)
  vi.advanceTimersByTime(3_000)

  expect(begun.map(({ variables }) => variables.after)).toEqual([null, '7'])
  expect(heard).toHaveBeenCalledTimes(1)
})

it('what is stopped is not begun again', () => {
  vi.useFakeTimers()
  const { client, begun } = subscribing()
  const stop = listen(client, Signals, { appointmentId: 'appointment_1', after: null }, vi.fn())
  begun[0]?.tell({ error: new Error('Too far behind'), hasNext: false })
  stop()
  begun[0]?.tell({ hasNext: false })
  vi.advanceTimersByTime(60_000)

  expect(begun).toHaveLength(1)
  expect(begun[0]?.unsubscribe).toHaveBeenCalled()
})
