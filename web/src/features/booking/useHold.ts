import { useEffect, useState } from 'react'
import { useClient } from 'urql'
import { Hold, type Obstacle, Release } from './operations'

interface Held {
  expiresAt: string | null
  obstacle: Obstacle | null
  failed: boolean
}

const NOT_YET: Held = { expiresAt: null, obstacle: null, failed: false }

/** Keeps a time to oneself for as long as this is looked at, or the server allows. */
export function useHold(slotId: string) {
  const client = useClient()
  const [held, setHeld] = useState(NOT_YET)
  const [round, setRound] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round holds anew
  useEffect(() => {
    let here = true
    setHeld(NOT_YET)
    const asked = client.mutation(Hold, { slotId }).toPromise()
    void asked.then(({ data, error }) => {
      if (!here) return
      const [obstacle = null] = data?.holdSlot?.problems ?? []
      const expiresAt = data?.holdSlot?.expiresAt ?? null
      setHeld({ expiresAt, obstacle, failed: Boolean(error || !data?.holdSlot) })
    })
    return () => {
      here = false
      // Also when the answer is still to come; what is booked by now is not held, and stays.
      void asked.then(({ data }) => {
        if (data?.holdSlot?.slot) void client.mutation(Release, { slotId }).toPromise()
      })
    }
  }, [client, slotId, round])
  return { ...held, again: () => setRound(number => number + 1) }
}
