// A consultation between two browsers, apart from how it is shown and how signals travel.
//
// Each joining has a session of its own. Whoever joins says hello to nobody in particular; who hears
// a new hello begins anew with that session, and forgets the one before it. Everything else is said
// to one session, so that what was meant for a page that is no more is not taken for one's own.
import { Negotiation } from './negotiation'
import type { Devices, Signal } from './signals'

export type Phase = 'waiting' | 'connecting' | 'connected' | 'interrupted' | 'left'

export interface CallState {
  phase: Phase
  remote: MediaStream | null
  theirs: Devices
}

export interface CallOptions {
  /** One of the two is, the other is not. */
  polite: boolean
  iceServers: RTCIceServer[]
  say: (signal: Signal) => unknown
  connect?: (configuration: RTCConfiguration) => RTCPeerConnection
  session?: string
}

type Unsigned = Signal extends infer Each
  ? Each extends Signal
    ? Omit<Each, 'session'>
    : never
  : never

const EVERYTHING: Devices = { camera: true, microphone: true, screen: false }
const ALONE: CallState = { phase: 'waiting', remote: null, theirs: EVERYTHING }

export class Call {
  readonly session: string
  #state: CallState = ALONE
  #peer: { session: string; negotiation: Negotiation } | null = null
  #hearing: Promise<void> = Promise.resolve()
  #devices: Devices = EVERYTHING
  #picture: MediaStreamTrack | null
  #pictureSender: RTCRtpSender | null = null
  readonly #gone = new Set<string>() // sessions of the other side that are over
  readonly #listeners = new Set<() => void>()

  constructor(
    private readonly local: MediaStream,
    private readonly options: CallOptions,
  ) {
    this.#picture = local.getVideoTracks()[0] ?? null
    this.session = options.session ?? crypto.randomUUID()
  }

  get state(): CallState {
    return this.#state
  }

  get connection(): RTCPeerConnection | null {
    return this.#peer?.negotiation.connection ?? null
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  join(): void {
    this.#say({ kind: 'hello' })
  }

  /** In the order in which they were sent; resolves when this one has been followed. */
  hear(signal: Signal): Promise<void> {
    const heard = this.#hearing.then(() => this.#follow(signal))
    this.#hearing = heard.catch(() => undefined) // the next one may mend what this one broke
    return heard
  }

  /** What the other sees from now on: a screen, the camera again, or nothing. */
  show(picture: MediaStreamTrack | null): void {
    this.#picture = picture
    const connection = this.connection
    if (connection === null) return
    if (this.#pictureSender) void this.#pictureSender.replaceTrack(picture)
    else if (picture) this.#pictureSender = connection.addTrack(picture, this.local)
  }

  /** Tells the other what is to be seen and heard of this side. */
  tell(devices: Devices): void {
    this.#devices = devices
    this.#sayToPeer({ kind: 'devices', devices })
  }

  leave(): void {
    if (this.#state.phase === 'left') return
    this.#say({ kind: 'bye' })
    this.#drop()
    this.#set({ ...ALONE, phase: 'left' })
  }

  async #follow(signal: Signal): Promise<void> {
    const { session, to } = signal
    if (this.#state.phase === 'left' || this.#gone.has(session)) return
    if (signal.kind === 'bye') {
      this.#gone.add(session)
      if (this.#peer?.session === session) {
        this.#drop()
        this.#set(ALONE)
      }
      return
    }
    if (to !== undefined && to !== this.session) return
    const negotiation = this.#negotiationWith(session)
    if (signal.kind === 'devices') this.#set({ ...this.#state, theirs: signal.devices })
    else if (signal.kind !== 'hello') await negotiation.hear(signal)
  }

  #negotiationWith(session: string): Negotiation {
    if (this.#peer?.session === session) return this.#peer.negotiation
    this.#drop()
    const {
      polite,
      iceServers,
      connect = configuration => new RTCPeerConnection(configuration),
    } = this.options
    const connection = connect({ iceServers })
    const negotiation = new Negotiation(connection, polite, {
      equip: () => this.#equip(connection),
      say: said => this.#sayToPeer(said),
      track: ({ streams: [remote = null] }) => this.#set({ ...this.#state, remote }),
      connection: state => this.#set({ ...this.#state, phase: phaseOf(state) }),
    })
    this.#peer = { session, negotiation }
    this.#set({ ...ALONE, phase: 'connecting' })
    if (!polite) this.#equip(connection)
    this.#sayToPeer({ kind: 'devices', devices: this.#devices })
    return negotiation
  }

  /** For who is not polite this is what makes the first offer; it has room for both kinds, so that
   * the other can be seen and heard though this side has no camera. */
  #equip(connection: RTCPeerConnection): void {
    const sounds = this.local.getAudioTracks()
    for (const track of sounds) connection.addTrack(track, this.local)
    this.#pictureSender = this.#picture && connection.addTrack(this.#picture, this.local)
    if (this.options.polite) return
    if (sounds.length === 0) connection.addTransceiver('audio', { direction: 'recvonly' })
    if (this.#picture === null) connection.addTransceiver('video', { direction: 'recvonly' })
  }

  #drop(): void {
    if (this.#peer === null) return
    this.#gone.add(this.#peer.session)
    this.#peer.negotiation.close()
    this.#peer = null
  }

  #say(signal: Unsigned): void {
    this.options.say({ ...signal, session: this.session })
  }

  #sayToPeer(signal: Unsigned): void {
    if (this.#peer !== null) this.#say({ ...signal, to: this.#peer.session })
  }

  #set(state: CallState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

function phaseOf(state: RTCPeerConnectionState): Phase {
  if (state === 'connected') return 'connected'
  return state === 'disconnected' || state === 'failed' ? 'interrupted' : 'connecting'
}
