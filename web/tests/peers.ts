// A connection that only negotiates, by the states of WebRTC 1.0 (4.3.1), and a line between two calls.
import { PeerCall } from '../src/consultation/peer'
import type { Signal } from '../src/consultation/signals'

let made = 0

export class FakeConnection {
  signalingState: RTCSignalingState = 'stable'
  connectionState: RTCPeerConnectionState = 'new'
  localDescription: RTCSessionDescription | null = null
  remoteDescription: RTCSessionDescription | null = null
  onnegotiationneeded: () => unknown = () => {}
  onicecandidate: ((event: unknown) => unknown) | null = null
  ontrack: (event: unknown) => unknown = () => {}
  onconnectionstatechange: (() => unknown) | null = null
  readonly candidates: string[] = []
  readonly heard: string[] = []
  readonly name = `c${++made}`
  restarts = 0
  tracks: unknown[] = []

  addTrack(track: MediaStreamTrack) {
    const at = this.tracks.push(track) - 1
    if (at === 0) this.#needsNegotiation()
    return {
      replaceTrack: async (next: unknown) => {
        this.tracks[at] = next
      },
    }
  }

  addTransceiver(kind: string) {
    this.tracks.push(kind)
    if (this.tracks.length === 1) this.#needsNegotiation()
  }

  async setLocalDescription() {
    const type = this.signalingState === 'have-remote-offer' ? 'answer' : 'offer'
    await turn()
    if (this.signalingState === 'closed') return
    this.signalingState = type === 'offer' ? 'have-local-offer' : 'stable'
    this.localDescription = described(type, this.name)
    queueMicrotask(() => this.#gather())
  }

  async setRemoteDescription({ type, sdp = '' }: RTCSessionDescriptionInit) {
    await turn()
    if (type === 'answer' && this.signalingState !== 'have-local-offer') throw new Error('stable')
    this.signalingState = type === 'offer' ? 'have-remote-offer' : 'stable'
    this.remoteDescription = { type, sdp } as RTCSessionDescription
    this.heard.push(sdp)
  }

  async addIceCandidate({ candidate = '', usernameFragment }: RTCIceCandidateInit) {
    if (!this.remoteDescription?.sdp.includes(`ufrag:${usernameFragment}\r\n`)) {
      throw new Error('of no description')
    }
    this.candidates.push(candidate)
  }

  restartIce() {
    this.restarts += 1
  }

  close() {
    this.signalingState = 'closed'
  }

  becomes(state: RTCPeerConnectionState) {
    this.connectionState = state
    this.onconnectionstatechange?.()
  }

  #needsNegotiation() {
    if (this.signalingState === 'stable') queueMicrotask(() => this.onnegotiationneeded())
  }

  #gather() {
    const candidate = { candidate: `of ${this.name}`, usernameFragment: this.name }
    this.onicecandidate?.({ candidate: { toJSON: () => candidate } })
  }
}

function described(type: RTCSdpType, name: string) {
  const init = { type, sdp: `v=0\r\ns=${type} ${++made}\r\na=ice-ufrag:${name}\r\n` }
  return { ...init, toJSON: () => init } as RTCSessionDescription
}

export const turn = (milliseconds = 0) => new Promise<void>(done => setTimeout(done, milliseconds))

/** Until everything that is on its way has come and been followed. */
export async function settle() {
  for (let each = 0; each < 30; each++) await turn(10)
}

export function stream(...kinds: string[]): MediaStream {
  const tracks = kinds.map(kind => ({ kind, enabled: true }))
  const of = (wanted: string) => () => tracks.filter(({ kind }) => kind === wanted)
  return { getAudioTracks: of('audio'), getVideoTracks: of('video') } as unknown as MediaStream
}

/** What the server does: keeps what each side says, and gives all of it to whoever comes. */
export class Server {
  readonly said: Record<'doctor' | 'patient', Signal[]> = { doctor: [], patient: [] }
  readonly #listening = new Set<{ to: PeerCall; side: 'doctor' | 'patient' }>()
  /** Swapped by a test that wants another order. */
  deliver = (to: PeerCall, signal: Signal) => void to.hear(structuredClone(signal)).catch(() => {})

  enter(side: 'doctor' | 'patient', session: string, own = stream('audio', 'video')) {
    const other = side === 'doctor' ? 'patient' : 'doctor'
    const connections: FakeConnection[] = []
    const call = new PeerCall(own, {
      polite: side === 'patient',
      iceServers: [],
      session,
      connect: () => {
        const connection = new FakeConnection()
        connections.push(connection)
        return connection as unknown as RTCPeerConnection
      },
      say: signal => {
        this.said[side].push(signal)
        for (const each of this.#listening) if (each.side === other) this.deliver(each.to, signal)
      },
    })
    call.join()
    for (const signal of this.said[other]) this.deliver(call, signal)
    const listening = { to: call, side }
    this.#listening.add(listening)
    return {
      call,
      connections,
      /** As when a page is closed: nothing is said. */
      vanish: () => this.#listening.delete(listening),
    }
  }
}
