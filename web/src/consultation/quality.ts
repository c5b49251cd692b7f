// How good the line is, from what the browser counts (Identifiers for WebRTC's Statistics API).
import { quality as ofRoundTrip } from './check'

export type Quality = 'GOOD' | 'FAIR' | 'POOR'

export interface Line {
  quality: Quality
  /** There and back; null before the first answer. */
  roundTripMs: number | null
  /** 0 to 1, the worse of the two ways. */
  loss: number
  /** What comes and what goes. */
  inKbps: number
  outKbps: number
}

/** Sums since the line has been there, but for what `now` measures. */
export interface Counted {
  at: number // milliseconds, by any clock that runs on
  roundTripMs: number | null
  lossThere: number // 0 to 1, of what was sent lately, as the other side says
  received: number // packets
  lost: number
  bytesIn: number
  bytesOut: number
}

const LOSS_GOOD = 0.02 // of packets: speech that a listener does not notice (ITU-T G.1010)
const LOSS_FAIR = 0.08 // beyond, words are missing

export function count(report: RTCStatsReport, at: number): Counted {
  const counted: Counted = {
    at,
    roundTripMs: null,
    lossThere: 0,
    received: 0,
    lost: 0,
    bytesIn: 0,
    bytesOut: 0,
  }
  for (const stat of report.values()) {
    if (stat.type === 'inbound-rtp') {
      counted.received += stat.packetsReceived ?? 0
      counted.lost += Math.max(0, stat.packetsLost ?? 0)
      counted.bytesIn += stat.bytesReceived ?? 0
    } else if (stat.type === 'outbound-rtp') {
      counted.bytesOut += stat.bytesSent ?? 0
    } else if (stat.type === 'remote-inbound-rtp') {
      counted.lossThere = Math.max(counted.lossThere, stat.fractionLost ?? 0)
    } else if (stat.type === 'candidate-pair' && stat.nominated && stat.state === 'succeeded') {
      const seconds: number | undefined = stat.currentRoundTripTime
      if (seconds !== undefined) counted.roundTripMs = Math.round(seconds * 1_000)
    }
  }
  return counted
}

/** How it was between the two; a line that has begun anew counts from nothing. */
export function between(before: Counted, now: Counted): Line {
  const since = (of: 'received' | 'lost' | 'bytesIn' | 'bytesOut') => {
    const grown = now[of] - before[of]
    return grown < 0 ? now[of] : grown
  }
  const seconds = Math.max(0.001, (now.at - before.at) / 1_000)
  const [received, lost] = [since('received'), since('lost')]
  const lossHere = received + lost === 0 ? 0 : lost / (received + lost)
  const loss = Math.max(lossHere, now.lossThere)
  return {
    quality: worse(ofRoundTrip(now.roundTripMs ?? 0), ofLoss(loss)),
    roundTripMs: now.roundTripMs,
    loss,
    inKbps: Math.round((since('bytesIn') * 8) / 1_000 / seconds),
    outKbps: Math.round((since('bytesOut') * 8) / 1_000 / seconds),
  }
}

function ofLoss(loss: number): Quality {
  if (loss > LOSS_FAIR) return 'POOR'
  return loss > LOSS_GOOD ? 'FAIR' : 'GOOD'
}

const RANK: readonly Quality[] = ['POOR', 'FAIR', 'GOOD']

function worse(one: Quality, other: Quality): Quality {
  return RANK.indexOf(one) < RANK.indexOf(other) ? one : other
}

/** What to say of the last few: one that is off is no news yet, since lines sway. */
export function settled(last: readonly Quality[]): Quality | null {
  const ranked = last.map(each => RANK.indexOf(each)).sort((one, other) => one - other)
  return RANK[ranked[Math.floor((ranked.length - 1) / 2)] ?? -1] ?? null
}
