import { useEffect, useState } from 'react'
import { useClient, useQuery } from 'urql'
import { unmask } from '../../gql'
import { listen } from '../../graphql/listen'
import { useCursor } from '../../graphql/useCursor'
import { free } from './agenda'
import { FreeTime, FreeTimes, SlotChanges, type Time } from './operations'

const NOTHING: ReadonlyMap<string, Time> = new Map()

/** A doctor's free times of [from, to), for as long as they are looked at. */
export function useAgenda(doctorId: string, from: Date, to: Date) {
  const client = useClient()
  const after = useCursor()
  const [heard, setHeard] = useState(NOTHING)
  const [{ data, error, fetching }, reload] = useQuery({
    query: FreeTimes,
    variables: { doctorId, from: from.toISOString(), to: to.toISOString() },
    requestPolicy: 'network-only',
    pause: after === undefined,
  })
  useEffect(() => {
    if (after === undefined) return
    return listen(client, SlotChanges, { doctorId, after }, ({ slotChanges }) => {
      const time = unmask(FreeTime, slotChanges.slot)
      if (time) return setHeard(known => new Map(known).set(time.id, time))
      setHeard(NOTHING)
      reload({ requestPolicy: 'network-only' })
    })
  }, [client, doctorId, after, reload])
  const doctor = data?.node && 'slots' in data.node ? data.node : null
  return {
    times: doctor && !fetching ? free(unmask(FreeTime, doctor.slots), heard, from, to) : null,
    failed: Boolean(error && !doctor),
    reload: () => reload({ requestPolicy: 'network-only' }),
  }
}
