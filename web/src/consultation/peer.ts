// A consultation between two browsers, apart from how it is shown and how signals travel.
//
// Each joining has a session of its own. Whoever joins says hello to nobody in particular; who hears
// a new hello begins anew with that session, and forgets the one before it. Everything else is said
// to one session, so that what was meant for a page that is no more is not taken for one's own.
import { ALONE, type Call, type CallState, EVERYTHING, type Phase } from './call'
import { Negotiation } from './negotiation'
import type { Devices, Signal } from './signals'

export interface PeerOptions {
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

export class PeerCall implements Call {
  readonly session: string
  #state: CallState = ALONE
  #peer: { session: string; negotiation: Negotiation } | null = null
  #hearing: Promise<void> = Promise.resolve()
  #devices: Devices = EVERYTHING
  #picture: MediaStreamTrack | null
  #sound: MediaStreamTrack | null
  #pictureSender: RTCRtpSender | null = null
  #soundSender: RTCRtpSender | null = null
  #equipped = false // before that nothing is added: it would make a first offer of either side
  readonly #gone = new Set<string>() // sessions of the other side that are over
  readonly #listeners = new Set<() => void>()

  constructor(
    private readonly local: MediaStream,
    private readonly options: PeerOptions,
  ) {
    this.#picture = local.getVideoTracks()[0] ?? null
    this.#sound = local.getAudioTracks()[0] ?? null
    this.session = options.session ?? crypto.randomUUID()
  }

  get state(): CallState {
    return this.#state
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

  show(picture: MediaStreamTrack | null): void {
    this.#picture = picture
    this.#sendPicture()
  }

  speak(sound: MediaStreamTrack): void {
    this.#sound = sound
    this.#soundSender = this.#send(sound, this.#soundSender)
  }

  tell(devices: Devices): void {
    this.#devices = devices
    this.#sendPicture()
    this.#sayToPeer({ kind: 'devices', devices })
  }

  async stats(): Promise<RTCStatsReport | null> {
    if (this.#state.phase !== 'connected' || this.#peer === null) return null
    return this.#peer.negotiation.connection.getStats()
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
    if (signal.kind === 'devices') {
      this.#set({ ...this.#state, theirs: signal.devices })
      this.#sendPicture()
    } else if (signal.kind !== 'hello') await negotiation.hear(signal)
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
    this.#soundSender = this.#sound && connection.addTrack(this.#sound, this.local)
    this.#pictureSender = this.#picture && connection.addTrack(this.#picture, this.local)
    this.#equipped = true
    if (this.#audioOnly) this.#sendPicture()
    if (this.options.polite) return
    if (this.#sound === null) connection.addTransceiver('audio', { direction: 'recvonly' })
    if (this.#picture === null) connection.addTransceiver('video', { direction: 'recvonly' })
  }

  get #audioOnly(): boolean {
    return this.#devices.audioOnly || this.#state.theirs.audioOnly
  }

  #sendPicture(): void {
    this.#pictureSender = this.#send(this.#audioOnly ? null : this.#picture, this.#pictureSender)
  }

  #send(track: MediaStreamTrack | null, sender: RTCRtpSender | null): RTCRtpSender | null {
    if (sender) void sender.replaceTrack(track)
    else if (track && this.#equipped && this.#peer) {
      return this.#peer.negotiation.connection.addTrack(track, this.local)
    }
    return sender
  }

  #drop(): void {
    if (this.#peer === null) return
    this.#gone.add(this.#peer.session)
    this.#peer.negotiation.close()
    this.#peer = null
    this.#pictureSender = null
    this.#soundSender = null
    this.#equipped = false
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
