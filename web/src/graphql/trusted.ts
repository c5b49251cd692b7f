// Our documents go by their hash; the server has their texts from the build's manifest. While the
// page is worked on there is no build, and they go as they are.
import {
  type Exchange,
  makeOperation,
  mapExchange,
  stringifyDocument,
  type TypedDocumentNode,
} from '@urql/core'
import { version } from '../installed/install'
import { patience } from './patience'

const UNKNOWN = 'PersistedQueryNotFound'
const BUILT = import.meta.env.MODE !== 'development'

/** What is sent in place of the text, as Apollo's persisted queries have it. */
export function extensionsOf(document: object) {
  const { hash } = (document as { __meta__: { hash: string } }).__meta__
  return { persistedQuery: { version: 1 as const, sha256Hash: hash } }
}

export const trustedDocuments: Exchange = mapExchange({
  onOperation(operation) {
    if (operation.kind === 'teardown' || !BUILT) return operation
    const request = { ...operation, extensions: extensionsOf(operation.query) }
    return makeOperation(operation.kind, request, operation.context)
  },
  // A server that no longer knows what this page asks has another page.
  onError({ graphQLErrors }) {
    const unknown = graphQLErrors.some(({ message }) => message.startsWith(UNKNOWN))
    if (unknown) version?.look()
  },
})

/** One answer by plain HTTP, beside the client: for what the client itself depends on. */
export async function ask<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const answer = await patience.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      variables,
      ...(BUILT
        ? { extensions: extensionsOf(document) }
        : { query: stringifyDocument(document as Parameters<typeof stringifyDocument>[0]) }),
    }),
  })
  const { data, errors } = await answer.json()
  if (!data) throw new Error(errors?.[0]?.message ?? `HTTP ${answer.status}`)
  return data
}
