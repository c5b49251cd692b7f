// Who comes when the server has too much to do is told when to come back (docs/decisions/0063). Nothing
// of what was asked has run then, so the very same goes out again, mutations too.

const TRIES = 4 // then its refusal is the answer
const LONGEST = 10 // seconds: it says one to three; a proxy that says more is not waited for

type Send = typeof fetch
type Pause = (seconds: number, signal?: AbortSignal | null) => Promise<void>

export class Patience {
  #waiting = 0
  readonly #listeners = new Set<() => void>()

  constructor(
    private readonly send: Send = (...asked) => fetch(...asked),
    private readonly pause: Pause = after,
  ) {}

  /** Whether something waits to go out again; for a banner that says so. */
  get waits(): boolean {
    return this.#waiting > 0
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** As `fetch`, but for a body that can be sent once only. */
  readonly fetch: Send = async (address, asked) => {
    for (let tries = 1; ; tries++) {
      const answer = await this.send(address, asked)
      const seconds = comeBackAfter(answer)
      if (seconds === null || tries === TRIES) return answer
      this.#tell(1)
      await this.pause(seconds, asked?.signal).finally(() => this.#tell(-1))
    }
  }

  #tell(more: number): void {
    const before = this.waits
    this.#waiting += more
    if (this.waits !== before) for (const listener of this.#listeners) listener()
  }
}

/** In seconds; null where there is nothing to wait for. */
function comeBackAfter({ status, headers }: Response): number | null {
  const said = headers.get('retry-after') ?? ''
  if (status !== 503 || !/^\d+$/.test(said)) return null
  return Number(said) <= LONGEST ? Number(said) : null
}

/** Rejects as `fetch` does when nobody waits for the answer any more. */
function after(seconds: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((done, left) => {
    const leave = () => {
      clearTimeout(timer)
      left(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', leave)
      done()
    }, seconds * 1000)
    if (signal?.aborted) leave()
    else signal?.addEventListener('abort', leave, { once: true })
  })
}

/** Of all that this page asks the server by HTTP. */
export const patience = new Patience()
