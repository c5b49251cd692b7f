// The page's own version: whether a newer one waits, and files that an older one no longer finds.

const LOOK_EVERY = 30 * 60_000 // milliseconds
const LOADED = 'loaded anew' // in sessionStorage: when

/** Where a worker that has been fetched waits for the pages of the one before to be gone. */
export class Version {
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
  async register(path: string): Promise<ServiceWorkerRegistration> {
    const registration = await this.workers.register(path, { updateViaCache: 'none' })
    this.#look(registration)
    registration.addEventListener('updatefound', () => {
      const coming = registration.installing
      coming?.addEventListener('statechange', () => this.#look(registration))
    })
    return registration
  }

  /** Loads the newer version. */
  readonly load = (): void => {
    if (this.#waiting === null) return
    this.workers.addEventListener('controllerchange', this.reload, { once: true })
    this.#waiting.postMessage('take over')
  }

  /** One that waits while none is at work is the first there ever was. */
  #look({ waiting }: ServiceWorkerRegistration): void {
    if (waiting === null || this.workers.controller === null) return
    this.#waiting = waiting
    for (const listener of this.#listeners) listener()
  }
}

/** Looks for a newer version now and then, and whenever somebody comes back to the page. */
export function keepLooking(registration: ServiceWorkerRegistration): void {
  const look = () => void registration.update().catch(() => undefined) // there is no line: later
  setInterval(look, LOOK_EVERY)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') look()
  })
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
