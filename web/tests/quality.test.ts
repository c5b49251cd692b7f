// What is made of the browser's counts: speech that suffers is told apart from a line that sways.
import { describe, expect, it } from 'vitest'
import { between, type Counted, count, settled } from '../src/consultation/quality'

const START: Counted = {
  at: 0,
  roundTripMs: 40,
  lossThere: 0,
  received: 1_000,
  lost: 10,
  bytesIn: 50_000,
  bytesOut: 80_000,
}

const report = (...stats: object[]) =>
  new Map(stats.map((stat, at) => [String(at), stat])) as unknown as RTCStatsReport

it('what the browser counts is summed over sound and picture', () => {
  const counted = count(
    report(
      {
        type: 'inbound-rtp',
        kind: 'audio',
        packetsReceived: 100,
        packetsLost: 2,
        bytesReceived: 9,
      },
      {
        type: 'inbound-rtp',
        kind: 'video',
        packetsReceived: 300,
        packetsLost: -1,
        bytesReceived: 90,
      },
      { type: 'outbound-rtp', kind: 'video', bytesSent: 70 },
      { type: 'remote-inbound-rtp', kind: 'video', fractionLost: 0.05 },
      { type: 'candidate-pair', nominated: false, state: 'succeeded', currentRoundTripTime: 9 },
      { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.0421 },
      { type: 'codec' },
    ),
    7,
  )

  expect(counted).toEqual({
    at: 7,
    roundTripMs: 42,
    lossThere: 0.05,
    received: 400,
    lost: 2,
    bytesIn: 99,
    bytesOut: 70,
  })
})

describe('between two looks', () => {
  it('rates are of the time between them', () => {
    const now = {
      ...START,
      at: 2_000,
      received: 1_199,
      lost: 11,
      bytesIn: 300_000,
      bytesOut: 92_500,
    }

    expect(between(START, now)).toEqual({
      quality: 'GOOD',
      roundTripMs: 40,
      loss: 0.005,
      inKbps: 1_000,
      outKbps: 50,
    })
  })

  it.each([
    [{ roundTripMs: 151 }, 'FAIR'],
    [{ roundTripMs: 401 }, 'POOR'],
    [{ received: 1_097, lost: 13 }, 'FAIR'],
    [{ received: 1_090, lost: 20 }, 'POOR'],
    [{ lossThere: 0.03 }, 'FAIR'],
    [{ lossThere: 0.03, roundTripMs: 500 }, 'POOR'],
    [{ roundTripMs: null }, 'GOOD'],
  ])('%j is %s', (changed, quality) => {
    expect(between(START, { ...START, at: 2_000, ...changed }).quality).toBe(quality)
  })

  it('a line that has begun anew counts from nothing', () => {
    const anew = { ...START, at: 1_000, received: 50, lost: 0, bytesIn: 1_000, bytesOut: 500 }

    expect(between(START, anew)).toMatchObject({ loss: 0, inKbps: 8, outKbps: 4 })
  })
})

it.each([
  [[], null],
  [['POOR'], 'POOR'],
  [['GOOD', 'GOOD', 'POOR'], 'GOOD'],
  [['GOOD', 'POOR', 'GOOD', 'POOR', 'POOR'], 'POOR'],
] as const)('of %j is said: %s', (last, said) => {
  expect(settled(last)).toBe(said)
})
