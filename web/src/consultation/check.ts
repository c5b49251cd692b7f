// Whether this device and its line are good enough for a visit.

export type Outcome = 'OK' | 'FAILED' | 'NOT_TESTED'

export interface Checked {
  camera: Outcome
  microphone: Outcome
  network: 'GOOD' | 'FAIR' | 'POOR'
  /** Milliseconds; null where nothing came back. */
  roundTripMs: number | null
}

const LISTEN = 2_000 // milliseconds: the time in which something has to be heard
const SILENCE = 0.003 // of full scale, which is 1; a closed microphone gives 0
const TRIES = 5
const GOOD = 150 // milliseconds: beyond, people begin to talk into each other (ITU-T G.114)
const FAIR = 400 // beyond it G.114 advises against planning a line

export async function check(stream: MediaStream): Promise<Checked> {
  const [microphone, roundTripMs] = await Promise.all([hears(stream), roundTrip()])
  return { camera: pictures(stream), microphone, network: quality(roundTripMs), roundTripMs }
}

export function quality(roundTripMs: number | null): Checked['network'] {
  if (roundTripMs === null || roundTripMs > FAIR) return 'POOR'
  return roundTripMs > GOOD ? 'FAIR' : 'GOOD'
}

/** A tone that one hears, or does not. */
export async function sound(): Promise<void> {
  const context = new AudioContext()
  const tone = new OscillatorNode(context, { frequency: 660 })
  const volume = new GainNode(context, { gain: 0.2 })
  tone.connect(volume).connect(context.destination)
  const ended = new Promise(resolve => {
    tone.onended = resolve
  })
  tone.start()
  tone.stop(context.currentTime + 0.7)
  await ended
  await context.close()
}

/** As its owner would name it; null where the browser does not say (User-Agent Client Hints). */
export function browserName(): string | null {
  const told = (navigator as { userAgentData?: UserAgentData }).userAgentData
  const brand = told?.brands.find(({ brand }) => !/not.?a.?brand|chromium/i.test(brand))
  if (!told) return null
  const { brand: name, version } = brand ?? told.brands[0] ?? { brand: '', version: '' }
  return name ? `${name} ${version} on ${told.platform}`.slice(0, 100) : null
}

interface UserAgentData {
  brands: { brand: string; version: string }[]
  platform: string
}

function pictures(stream: MediaStream): Outcome {
  return stream.getVideoTracks().some(track => track.readyState === 'live' && !track.muted)
    ? 'OK'
    : 'FAILED'
}

async function hears(stream: MediaStream): Promise<Outcome> {
  if (stream.getAudioTracks().length === 0) return 'FAILED'
  const context = new AudioContext()
  const listener = new AnalyserNode(context)
  new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(listener)
  const samples = new Float32Array(listener.fftSize)
  const until = performance.now() + LISTEN
  let loudest = 0
  while (loudest < SILENCE && performance.now() < until) {
    await new Promise(resolve => setTimeout(resolve, 50))
    listener.getFloatTimeDomainData(samples)
    loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), loudest)
  }
  await context.close()
  return loudest >= SILENCE ? 'OK' : 'FAILED'
}

/** The median of a few. */
async function roundTrip(): Promise<number | null> {
  const took: number[] = []
  for (let n = 0; n < TRIES; n++) {
    const began = performance.now()
    try {
      await fetch('/healthz', { cache: 'no-store' })
    } catch {
      continue
    }
    took.push(performance.now() - began)
  }
  if (took.length <= TRIES / 2) return null
  took.sort((one, other) => one - other)
  return Math.round(took[Math.floor(took.length / 2)] ?? 0)
}
