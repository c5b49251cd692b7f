import { useEffect, useState } from 'react'
import { useClient } from 'urql'
import { graphql } from '../gql'

const EventCursor = graphql(`
  query EventCursor {
    eventCursor
  }
`)

/** Where the log stood before the page was read, so that nothing falls between page and feed;
 * undefined until that is known. */
export function useCursor(): string | null | undefined {
  const client = useClient()
  const [cursor, setCursor] = useState<string | null>()
  useEffect(() => {
    let here = true
    const asked = client.query(EventCursor, {}, { requestPolicy: 'network-only' }).toPromise()
    void asked.then(({ data }) => here && setCursor(data?.eventCursor ?? null))
    return () => {
      here = false
    }
  }, [client])
  return cursor
}
