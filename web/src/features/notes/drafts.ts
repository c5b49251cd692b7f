// What has been written of visits and not been saved yet. It is in this page's memory alone, since it
// is somebody's health: it outlives the room, the end of the visit and a lost line, but no reload, of
// which the browser warns. Only to the visit's doctor is it shown.

export interface Draft {
  text: string
  /** The version that it began from; 0: there was none. */
  from: number
}

export class Drafts {
  readonly #drafts = new Map<string, Draft>()
  readonly #listeners = new Set<() => void>()

  get(appointmentId: string): Draft | null {
    return this.#drafts.get(appointmentId) ?? null
  }

  keep(appointmentId: string, draft: Draft): void {
    this.#drafts.set(appointmentId, draft)
    this.#changed()
  }

  drop(appointmentId: string): void {
    this.#drafts.delete(appointmentId)
    this.#changed()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #changed(): void {
    if (this.#drafts.size > 0) addEventListener('beforeunload', warn)
    else removeEventListener('beforeunload', warn)
    for (const listener of this.#listeners) listener()
  }
}

const warn = (event: Event) => event.preventDefault()

export const drafts = new Drafts()
