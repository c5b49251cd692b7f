// Two notes for a request that comes in; whether they are wanted is remembered in this browser.

const MUTED = 'muted' // in localStorage
const NOTES = [659.25, 880] // hertz
const EACH = 0.18 // seconds

let audio: AudioContext | null = null
const listeners = new Set<() => void>()

export const chime = {
  get muted(): boolean {
    return localStorage.getItem(MUTED) === 'yes'
  },

  mute(muted: boolean): void {
    if (muted) localStorage.setItem(MUTED, 'yes')
    else localStorage.removeItem(MUTED)
    for (const listener of listeners) listener()
  },

  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },

  /** Silent until somebody has touched the page: browsers have it so. */
  ring(): void {
    if (chime.muted || typeof AudioContext === 'undefined') return
    audio ??= new AudioContext()
    void audio.resume()
    NOTES.forEach((frequency, number) => {
      if (audio !== null) play(audio, frequency, audio.currentTime + number * EACH)
    })
  },
}

function play(audio: AudioContext, frequency: number, at: number): void {
  const tone = new OscillatorNode(audio, { frequency })
  const volume = new GainNode(audio, { gain: 0 })
  volume.gain.setValueAtTime(0.0001, at)
  volume.gain.exponentialRampToValueAtTime(0.2, at + 0.02)
  volume.gain.exponentialRampToValueAtTime(0.0001, at + EACH * 2)
  tone.connect(volume).connect(audio.destination)
  tone.start(at)
  tone.stop(at + EACH * 2)
}
