// A consultation as the room shows it, whichever way picture and sound take.
import type { Devices } from './signals'

/** `unreachable`: it has given up; `elsewhere`: another window has taken it. Whoever wants it back
 * joins anew. */
export type Phase =
  | 'waiting'
  | 'connecting'
  | 'connected'
  | 'interrupted'
  | 'unreachable'
  | 'elsewhere'
  | 'left'

export interface CallState {
  phase: Phase
  /** What is seen and heard of the other. */
  remote: MediaStream | null
  theirs: Devices
}

export interface Call {
  readonly state: CallState
  readonly subscribe: (listener: () => void) => () => void
  /** What the other sees from now on: a screen, the camera again, or nothing. */
  show(picture: MediaStreamTrack | null, of: 'camera' | 'screen'): void
  /** What the other hears from now on. */
  speak(sound: MediaStreamTrack): void
  /** Tells the other what is to be seen and heard of this side. With `audioOnly`, of either side,
   * pictures go neither way. */
  tell(devices: Devices): void
  /** As the browser counts; null while there is no line. */
  stats(): Promise<RTCStatsReport | null>
  leave(): void
}

export const EVERYTHING: Devices = {
  camera: true,
  microphone: true,
  screen: false,
  audioOnly: false,
}

export const ALONE: CallState = { phase: 'waiting', remote: null, theirs: EVERYTHING }
