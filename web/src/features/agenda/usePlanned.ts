import { parseDate } from '@internationalized/date'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { type Client, useClient } from 'urql'
import { begins } from './days'
import type { OwnSlot } from './operations'
import { DAYS_MOST, type Pattern, periods, planned } from './pattern'
import { ownSlots } from './useOwnTime'

const DAYS_AT_ONCE = 60 // of an agenda that the server tells in one answer

/** What a pattern will make, and what is in the way of it; `look` reads again what is there. */
export function usePlanned(pattern: Pattern, zone: string) {
  const client = useClient()
  const [taken, setTaken] = useState<readonly OwnSlot[]>([])
  const [looks, setLooks] = useState(0)
  const look = useCallback(() => setLooks(count => count + 1), [])
  const { fromDate, toDate } = pattern

  // biome-ignore lint/correctness/useExhaustiveDependencies: another look reads it again
  useEffect(() => {
    if (!fromDate || !toDate) return
    let here = true
    // What cannot be read now the server says when it is sent.
    existing(client, fromDate, toDate, zone).then(
      slots => here && setTaken(slots.filter(({ status }) => status !== 'WITHDRAWN')),
      () => undefined,
    )
    return () => {
      here = false
    }
  }, [client, fromDate, toDate, zone, looks])

  const times = useMemo(
    () => planned(periods(pattern, zone), taken, Date.now()),
    [pattern, zone, taken],
  )
  return { times, look }
}

async function existing(client: Client, fromDate: string, toDate: string, zone: string) {
  const found: OwnSlot[] = []
  const end = parseDate(toDate).add({ days: 1 })
  // A year that is still being typed, say.
  if (end.compare(parseDate(fromDate)) > DAYS_MOST) return found
  // From the day before: what begins then may last into the first.
  for (let day = parseDate(fromDate).subtract({ days: 1 }); day.compare(end) < 0; ) {
    const next = day.add({ days: DAYS_AT_ONCE })
    const to = next.compare(end) < 0 ? next : end
    const { slots } = await ownSlots(client, begins(day, zone), begins(to, zone))
    found.push(...slots)
    day = next
  }
  return found
}
