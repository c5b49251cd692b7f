// The socket for subscriptions: it comes back by itself, and goes on from the last event it heard.
import type { ExecutionResult, SubscriptionForwarder } from '@urql/core'
import { type Client, createClient, type SubscribePayload } from 'graphql-ws'
import type { Sessions } from '../session/session'

const PING_EVERY = 10_000 // milliseconds
const PONG_WITHIN = 5_000
const LONGEST_WAIT = 10_000
const FORBIDDEN = 4403 // as the protocol has it

export class Live {
  readonly #socket: Client
  readonly #listeners = new Set<() => void>()
  readonly #heard = new Set<object>() // what is subscribed to: without any there is no socket
  #up = navigator.onLine

  constructor(sessions: Sessions) {
    let open: WebSocket | null = null
    let overdue: ReturnType<typeof setTimeout> | undefined
    this.#socket = createClient({
      url: () => `${location.origin.replace(/^http/, 'ws')}/graphql`,
      connectionParams: async () => ({ authorization: await sessions.authorization() }),
      // Not for what would go wrong each time, as a message that cannot be written does.
      shouldRetry: fault => fault instanceof Event || 'code' in Object(fault),
      retryAttempts: Number.POSITIVE_INFINITY,
      retryWait: attempt =>
        wait(Math.min(250 * 2 ** attempt, LONGEST_WAIT) * (0.5 + Math.random() / 2)),
      keepAlive: PING_EVERY,
      jsonMessageReplacer: (key, value) => (key === 'query' && !value ? undefined : value),
      on: {
        connected: socket => {
          open = socket as WebSocket
          this.#tell(true)
        },
        closed: event => {
          open = null
          clearTimeout(overdue)
          if (this.#heard.size > 0) this.#tell(false)
          // The session has ended elsewhere, or the token here: who renews it learns which.
          if ((event as CloseEvent).code === FORBIDDEN) sessions.refresh().catch(() => undefined)
        },
        // A line that was cut says nothing: only an answer that does not come tells of it.
        ping: received => {
          if (!received) overdue = setTimeout(() => this.#socket.terminate(), PONG_WITHIN)
        },
        pong: received => {
          if (received) clearTimeout(overdue)
        },
      },
    })
    addEventListener('offline', () => this.#tell(false))
    addEventListener('online', () => {
      // Else the socket says so itself, once it is open again.
      if (this.#heard.size === 0 || open?.readyState === WebSocket.OPEN) this.#tell(true)
    })
    // The server closes a socket whose token expires, unless a ping brings a fresh one before.
    sessions.subscribe(() => {
      const session = sessions.current
      if (session === null) {
        this.#socket.terminate()
        this.#tell(true)
      } else if (open?.readyState === WebSocket.OPEN) {
        const payload = { authorization: `Bearer ${session.accessToken}` }
        open.send(JSON.stringify({ type: 'ping', payload }))
      }
    })
  }

  /** Whether events come; for a banner that says when they do not. */
  get up(): boolean {
    return this.#up
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly forward: SubscriptionForwarder = request => ({
    subscribe: sink => {
      const variables: Record<string, unknown> = { ...request.variables }
      // graphql-ws sends this very object again when the line is back: from the last cursor on.
      const payload: SubscribePayload = {
        query: request.query ?? '', // it insists on one, also where what goes is the hash
        variables,
        extensions: request.extensions as Record<string, unknown>,
      }
      this.#heard.add(variables)
      const unsubscribe = this.#socket.subscribe<Record<string, unknown>>(payload, {
        next: result => {
          const cursor = cursorOf(result.data)
          if (cursor !== undefined) variables.after = cursor
          sink.next(result as ExecutionResult)
        },
        error: fault => {
          this.#forget(variables)
          sink.error(fault)
        },
        complete: () => {
          this.#forget(variables)
          sink.complete()
        },
      })
      return {
        unsubscribe: () => {
          this.#forget(variables)
          unsubscribe()
        },
      }
    },
  })

  /** Whether nothing comes any more is to be known only while something is waited for. */
  #forget(subscription: object): void {
    this.#heard.delete(subscription)
    if (this.#heard.size === 0 && navigator.onLine) this.#tell(true)
  }

  #tell(up: boolean): void {
    if (up === this.#up) return
    this.#up = up
    for (const listener of this.#listeners) listener()
  }
}

/** Where an event stands in the log; every one of our subscriptions selects it. */
export function cursorOf(data: object | null | undefined): string | undefined {
  const [event] = Object.values(data ?? {})
  return (event as { cursor?: string } | null | undefined)?.cursor
}

/** Or until the browser has a network again, if that is sooner. */
function wait(milliseconds: number): Promise<void> {
  return new Promise(done => {
    const until = new AbortController()
    const end = () => {
      until.abort()
      done()
    }
    setTimeout(end, milliseconds)
    addEventListener('online', end, { signal: until.signal })
  })
}
