// What the two browsers say to each other through the server, and how it is kept in order.

/** `session`: who says it, one joining of one page. `to`: whom; nobody in particular without it. */
export type Signal = { session: string; to?: string } & (
  | { kind: 'hello' }
  | { kind: 'bye' }
  | { kind: 'description'; description: RTCSessionDescriptionInit }
  | { kind: 'candidates'; candidates: RTCIceCandidateInit[] }
  | { kind: 'devices'; devices: Devices }
)

/** What of somebody can be seen and heard. */
export interface Devices {
  camera: boolean
  microphone: boolean
  screen: boolean
  /** No pictures, neither way: the line is poor. */
  audioOnly: boolean
}

/** null: of another version of this page, perhaps. */
export function read(payload: string): Signal | null {
  try {
    const signal = JSON.parse(payload)
    return typeof signal?.session === 'string' && typeof signal.kind === 'string' ? signal : null
  } catch {
    return null
  }
}

/** Raised by a `send` that will never succeed: the room has closed. */
export class Refused extends Error {}

const FIRST_WAIT = 500 // milliseconds
const LONGEST_WAIT = 5_000

/** Sends one after the other, and each as often as it takes: the order is what the other relies on. */
export class Outbox {
  #last: Promise<void> = Promise.resolve()
  #closed = false

  constructor(
    private readonly send: (payload: string) => Promise<void>,
    private readonly wait: (milliseconds: number) => Promise<void> = sleep,
  ) {}

  readonly say = (signal: Signal): Promise<void> => {
    this.#last = this.#last.then(() => this.#deliver(JSON.stringify(signal)))
    return this.#last
  }

  close(): void {
    this.#closed = true
  }

  async #deliver(payload: string): Promise<void> {
    for (let pause = FIRST_WAIT; !this.#closed; pause = Math.min(pause * 2, LONGEST_WAIT)) {
      try {
        await this.send(payload)
        return
      } catch (fault) {
        if (fault instanceof Refused) this.close()
        else await this.wait(pause)
      }
    }
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise(done => setTimeout(done, milliseconds))
}
