// Files on their way into a record. Each is looked at here, announced, sent past the server to
// where documents lie, and then looked into there.
import type { ContentType } from './content'

const AT_ONCE = 2

export type Fault =
  | 'CHECKSUM_MISMATCH'
  | 'DAMAGED'
  | 'EMPTY'
  | 'INFECTED'
  | 'LIMIT_REACHED'
  | 'NOT_UPLOADED'
  | 'OFFLINE'
  | 'TOO_LARGE'
  | 'UNSUPPORTED_TYPE'
  | 'other'

export type Stage =
  | 'waiting'
  | 'preparing'
  | 'sending'
  | 'checking'
  | 'done'
  | 'failed'
  | 'cancelled'

/** `sent`: how much of it, from 0 to 1. `redrawn`: it is a photograph, of which a copy is sent. */
export interface Upload {
  readonly id: number
  readonly name: string
  readonly stage: Stage
  readonly sent: number
  readonly redrawn: boolean
  readonly fault: Fault | null
}

export interface Prepared {
  name: string
  contentType: ContentType
  content: Blob
  sha256: string
  redrawn: boolean
}

export interface Ticket {
  documentId: string
  url: string
  fields: readonly { name: string; value: string }[]
}

/** Each step throws Refused. */
export interface Steps {
  prepare(file: File): Promise<Prepared>
  announce(prepared: Prepared): Promise<Ticket>
  send(
    ticket: Ticket,
    content: Blob,
    told: (sent: number) => void,
    signal: AbortSignal,
  ): Promise<void>
  complete(documentId: string): Promise<void>
}

export class Refused extends Error {
  constructor(readonly fault: Fault) {
    super(fault)
  }
}

interface Task {
  file: File
  stop: AbortController
  /** What has been sent whole, and of which the server's word was lost. */
  arrived: string | null
}

const OVER = new Set<Stage>(['done', 'failed', 'cancelled'])

export class Uploads {
  #all: readonly Upload[] = []
  #next = 1
  readonly #tasks = new Map<number, Task>()
  readonly #listeners = new Set<() => void>()

  constructor(private readonly steps: Steps) {}

  get all(): readonly Upload[] {
    return this.#all
  }

  get busy(): boolean {
    return this.#all.some(({ stage }) => !OVER.has(stage))
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      const id = this.#next++
      const { name } = file
      this.#tasks.set(id, { file, stop: new AbortController(), arrived: null })
      const upload = { id, name, stage: 'waiting', sent: 0, redrawn: false, fault: null } as const
      this.#all = [...this.#all, upload]
    }
    this.#tell()
    this.#begin()
  }

  cancel(id: number): void {
    this.#tasks.get(id)?.stop.abort()
    this.#change(id, { stage: 'cancelled' })
    this.#begin()
  }

  retry(id: number): void {
    const task = this.#tasks.get(id)
    if (!task) return
    task.stop = new AbortController()
    this.#change(id, { stage: 'waiting', sent: 0, fault: null })
    this.#begin()
  }

  /** Off the list; what is in the record stays there. */
  dismiss(id: number): void {
    this.#tasks.delete(id)
    this.#all = this.#all.filter(each => each.id !== id)
    this.#tell()
  }

  #begin(): void {
    const going = this.#all.filter(({ stage }) => stage !== 'waiting' && !OVER.has(stage)).length
    const waiting = this.#all.filter(({ stage }) => stage === 'waiting')
    for (const { id } of waiting.slice(0, AT_ONCE - going)) {
      const task = this.#tasks.get(id)
      if (task) void this.#run(id, task)
    }
  }

  async #run(id: number, task: Task): Promise<void> {
    const { signal } = task.stop
    const change = (to: Partial<Upload>) => {
      if (!signal.aborted) this.#change(id, to)
    }
    change({ stage: 'preparing' })
    try {
      task.arrived ??= await this.#bring(task, change, signal)
      signal.throwIfAborted()
      change({ stage: 'checking', sent: 1 })
      await this.steps.complete(task.arrived)
      change({ stage: 'done' })
    } catch (error) {
      const fault = error instanceof Refused ? error.fault : 'other'
      if (fault !== 'OFFLINE') task.arrived = null // the server has spoken; it has to come anew
      change({ stage: 'failed', fault })
    }
    this.#begin()
  }

  async #bring(
    { file }: Task,
    change: (to: Partial<Upload>) => void,
    signal: AbortSignal,
  ): Promise<string> {
    const prepared = await this.steps.prepare(file)
    signal.throwIfAborted()
    change({ redrawn: prepared.redrawn })
    const ticket = await this.steps.announce(prepared)
    signal.throwIfAborted()
    change({ stage: 'sending' })
    await this.steps.send(ticket, prepared.content, sent => change({ sent }), signal)
    return ticket.documentId
  }

  #change(id: number, to: Partial<Upload>): void {
    this.#all = this.#all.map(each => (each.id === id ? { ...each, ...to } : each))
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
