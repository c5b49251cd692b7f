// The page's own version: whether a newer one waits, and files that an older one no longer finds.

const LOADED = 'loaded anew' // in sessionStorage: when

/** Where a worker that has been fetched waits for the pages of the one before to be gone. */
export class Version {
  #registration: ServiceWorkerRegistration | null = null
  #waiting: ServiceWorker | null = null
  readonly #listeners = new Set<() => void>()

  constructor(
    private readonly workers: ServiceWorkerContainer,
    private readonly reload: () => void,
  ) {}

  /** Whether there is a newer version than this page. */
  get isOld(): boolean {
    return this.#waiting !== null
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Rejects where the browser forbids workers; the page gets on without. */
  async register(path: string): Promise<void> {
    const registration = await this.workers.register(path, { updateViaCache: 'none' })
    this.#registration = registration
    this.#learn(registration)
    registration.addEventListener('updatefound', () => {
      const coming = registration.installing
      coming?.addEventListener('statechange', () => this.#learn(registration))
    })
  }

  /** Asks the server; without a line it is asked another time. */
  readonly look = (): void => {
    void this.#registration?.update().catch(() => undefined)
  }

  /** Loads the newer version. */
  readonly load = (): void => {
    if (this.#waiting === null) return
    this.workers.addEventListener('controllerchange', this.reload, { once: true })
    this.#waiting.postMessage('take over')
  }

  /** One that waits while none is at work is the first there ever was. */
  #learn({ waiting }: ServiceWorkerRegistration): void {
    if (waiting === null || this.workers.controller === null) return
    this.#waiting = waiting
    for (const listener of this.#listeners) listener()
  }
}

/** Whether to load the page anew, since a file of it is gone: once in `within` milliseconds, and
 * only if the server answers, for else the file may well still be there. */
export async function shouldLoadAnew(
  kept: Storage,
  answers: () => Promise<boolean>,
  now = Date.now(),
  within = 60_000,
): Promise<boolean> {
  const last = Number(kept.getItem(LOADED) ?? 0)
  if (now - last < within || !(await answers())) return false
  kept.setItem(LOADED, String(now))
  return true
}
