// One connection to one page of the other side: perfect negotiation, as WebRTC 1.0 has it (10.7).
//
// But the first offer is always of who is not polite. When both make one, the polite one takes his
// back before there was any connection, and Chromium then now and then gathers no candidates at all.
import type { Signal } from './signals'

type Said =
  | { kind: 'description'; description: RTCSessionDescriptionInit }
  | { kind: 'candidates'; candidates: RTCIceCandidateInit[] }

export interface Hearer {
  /** Before the first answer: what is to be sent. */
  equip(): void
  say(said: Said): void
  track(event: RTCTrackEvent): void
  connection(state: RTCPeerConnectionState): void
}

const PATIENCE = 4_000 // milliseconds: a line that is gone for longer is looked for elsewhere
const POLITE_PATIENCE = 12_000 // so that both do not begin at once
const LONGEST_PATIENCE = 60_000
const GATHERED_FOR = 100 // milliseconds: candidates come in swarms, and signals are counted

export class Negotiation {
  #offering = false
  readonly #early: RTCIceCandidateInit[] = []
  readonly #gathered: RTCIceCandidateInit[] = []
  #gathering: ReturnType<typeof setTimeout> | undefined
  #restart: ReturnType<typeof setTimeout> | undefined

  /** When both offer at once, who is `polite` takes his own back. */
  constructor(
    readonly connection: RTCPeerConnection,
    private readonly polite: boolean,
    private readonly hearer: Hearer,
  ) {
    connection.onnegotiationneeded = () => this.#offer()
    connection.onicecandidate = ({ candidate }) => {
      if (candidate) this.#gather(candidate.toJSON())
    }
    connection.ontrack = event => hearer.track(event)
    connection.onconnectionstatechange = () => this.#changed(connection.connectionState)
  }

  /** One after the other: the next only when this is done. */
  async hear(said: Signal & Said): Promise<void> {
    if (said.kind === 'candidates') this.#early.push(...said.candidates)
    else await this.#describe(said.description)
    await this.#addCandidates()
  }

  close(): void {
    clearTimeout(this.#restart)
    clearTimeout(this.#gathering)
    this.connection.onicecandidate = null
    this.connection.onconnectionstatechange = null
    this.connection.onnegotiationneeded = null
    this.connection.close()
  }

  async #offer(): Promise<void> {
    try {
      this.#offering = true
      await this.#settle()
    } finally {
      this.#offering = false
    }
  }

  async #describe(description: RTCSessionDescriptionInit): Promise<void> {
    const stable = this.connection.signalingState === 'stable' && !this.#offering
    const collides = description.type === 'offer' && !stable
    if (collides && !this.polite) return
    if (description.type === 'answer' && this.connection.signalingState === 'stable') return
    await this.connection.setRemoteDescription(description)
    if (description.type !== 'offer') return
    if (this.connection.localDescription === null) this.hearer.equip()
    await this.#settle()
  }

  /** Offers or answers, as the state has it. */
  async #settle(): Promise<void> {
    if (this.connection.signalingState === 'closed') return
    await this.connection.setLocalDescription()
    const description = this.connection.localDescription
    if (description) this.hearer.say({ kind: 'description', description: description.toJSON() })
  }

  #gather(candidate: RTCIceCandidateInit): void {
    this.#gathered.push(candidate)
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined
      this.hearer.say({ kind: 'candidates', candidates: this.#gathered.splice(0) })
    }, GATHERED_FOR)
  }

  /** Those that belong to the description in force; the others wait for theirs, or for ever. */
  async #addCandidates(): Promise<void> {
    const sdp = this.connection.remoteDescription?.sdp
    if (sdp === undefined) return
    const [...waiting] = this.#early.splice(0)
    for (const candidate of waiting) {
      if (!belongs(candidate, sdp)) this.#early.push(candidate)
      else await this.connection.addIceCandidate(candidate).catch(() => undefined) // one way less
    }
  }

  #changed(state: RTCPeerConnectionState): void {
    clearTimeout(this.#restart)
    if (state === 'failed' && !this.polite) this.connection.restartIce()
    if (state === 'disconnected' || state === 'failed') {
      this.#restartAfter(this.polite ? POLITE_PATIENCE : PATIENCE)
    }
    this.hearer.connection(state)
  }

  /** Less and less often: both may be well, and only not reach each other. */
  #restartAfter(milliseconds: number): void {
    this.#restart = setTimeout(() => {
      this.connection.restartIce()
      this.#restartAfter(Math.min(milliseconds * 2, LONGEST_PATIENCE))
    }, milliseconds)
  }
}

function belongs({ usernameFragment }: RTCIceCandidateInit, sdp: string): boolean {
  return !usernameFragment || sdp.includes(`a=ice-ufrag:${usernameFragment}\r\n`)
}
