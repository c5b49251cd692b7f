import { useState } from 'react'
import { useSubscription } from 'urql'
import { unmask } from '../../gql'
import { useCursor } from '../../graphql/useCursor'
import { type Access, AccessLine, RecordAccessed } from './accesses'

/** The latest that a doctor has done with this record while it is looked at. The cache has lists
 * read again by what comes here. */
export function useAccessed(): Access | null {
  const after = useCursor()
  const [latest, setLatest] = useState<Access | null>(null)
  useSubscription(
    { query: RecordAccessed, variables: { after: after ?? null }, pause: after === undefined },
    (_, data) => {
      const access = unmask(AccessLine, data.recordAccessed)
      if (access.actorCrm) setLatest(access)
      return data
    },
  )
  return latest
}
