import type { AnyVariables, Client, TypedDocumentNode } from '@urql/core'
import { cursorOf } from './live'

const AGAIN_AFTER = 3_000 // milliseconds

/** Hears a subscription until it is stopped, from where it was: also after the server has ended it
 * because this page was too slow, or had come too early. */
export function listen<Data extends object, Variables extends AnyVariables & { after?: unknown }>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  heard: (data: Data) => void,
): () => void {
  let { after } = variables
  let stopped = false
  let again: ReturnType<typeof setTimeout> | undefined
  let unsubscribe = () => {}

  function begin(): void {
    const source = client.subscription(document, { ...variables, after })
    const subscription = source.subscribe(({ data, error, hasNext }) => {
      if (data && !error) {
        after = cursorOf(data) ?? after
        heard(data)
      }
      if ((error || !hasNext) && !stopped) {
        clearTimeout(again)
        again = setTimeout(begin, AGAIN_AFTER)
      }
    })
    unsubscribe = subscription.unsubscribe
  }

  begin()
  return () => {
    stopped = true
    clearTimeout(again)
    unsubscribe()
  }
}
