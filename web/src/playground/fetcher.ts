import type { GraphiQLProps } from 'graphiql'
import { type ExecutionResult, getOperationAST, parse } from 'graphql'
import { type Client, createClient } from 'graphql-ws'
import type { Ask, Desk } from './caller'

type Fetcher = GraphiQLProps['fetcher']
type Params = Parameters<Fetcher>[0]

const INTROSPECTION = 'IntrospectionQuery' // as GraphiQL names it

interface Answer {
  data?: unknown
  errors?: { message: string; extensions?: { code?: string } }[]
  extensions?: { cost?: { requested: number; budget: number } }
}

async function send(desk: Desk, body: object): Promise<Answer> {
  const answer = await fetch('/graphql', {
    method: 'POST',
    credentials: 'omit', // the page's cookie is not the playground's
    headers: {
      accept: 'application/graphql-response+json',
      'content-type': 'application/json',
      ...(desk.authorization && { authorization: desk.authorization }),
    },
    body: JSON.stringify(body),
  })
  return answer.json()
}

export const asking =
  (desk: Desk): Ask =>
  async (query, variables) =>
    (await send(desk, { query, variables })) as Awaited<ReturnType<Ask>>

/** Queries and mutations by HTTP, subscriptions by graphql-transport-ws, with the caller's token. */
export function fetching(desk: Desk): Fetcher {
  const socket = createClient({
    url: () => `${location.origin.replace(/^http/, 'ws')}/graphql`,
    connectionParams: () => ({ authorization: desk.authorization }),
  })
  let heardBy = desk.state.caller
  desk.subscribe(() => {
    if (heardBy === desk.state.caller) return
    heardBy = desk.state.caller
    socket.terminate() // what is being heard is heard anew, by the one who is here now
  })
  return given => {
    const { type, params } = read(given)
    if (type === 'subscription') return hear(socket, params) as ReturnType<Fetcher>
    return ask(desk, params)
  }
}

/** By the text itself: what GraphiQL knows of its operations is a moment old where one is quick. */
function read(params: Params): { type?: string; params: Params } {
  try {
    const document = parse(params.query)
    const only = getOperationAST(document)
    if (only)
      return { type: only.operation, params: { ...params, operationName: only.name?.value } }
    return { type: getOperationAST(document, params.operationName)?.operation, params }
  } catch {
    return { params } // the server says what is wrong with it
  }
}

async function ask(desk: Desk, params: Params): Promise<ExecutionResult> {
  const answer = await send(desk, params)
  if (params.operationName === INTROSPECTION) {
    desk.set({ closed: answer.errors?.[0]?.extensions?.code === 'FORBIDDEN' })
  } else {
    desk.set({ cost: answer.extensions?.cost ?? null })
  }
  return answer as ExecutionResult
}

async function* hear(socket: Client, params: Params) {
  try {
    yield* socket.iterate({ ...params, operationName: params.operationName ?? null })
  } catch (fault) {
    // A CloseEvent has nothing that would be shown.
    if (fault instanceof CloseEvent) throw new Error(`${fault.code} ${fault.reason}`)
    throw fault
  }
}
