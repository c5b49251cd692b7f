import { useCallback, useEffect, useReducer, useState } from 'react'
import { type Client, useClient } from 'urql'
import { unmask } from '../../gql'
import { listen } from '../../graphql/listen'
import { useCursor } from '../../graphql/useCursor'
import {
  AgendaAppointment,
  AgendaSlot,
  type OwnAppointment,
  OwnAppointmentChanges,
  OwnAppointments,
  type OwnSlot,
  OwnSlotChanges,
  OwnSlots,
} from './operations'

interface Known {
  doctor: { id: string; timeZone: string; verified: boolean } | null
  slots: ReadonlyMap<string, OwnSlot>
  appointments: ReadonlyMap<string, OwnAppointment>
}

type Learnt = {
  doctor?: Known['doctor']
  slots?: readonly OwnSlot[]
  appointments?: readonly OwnAppointment[]
}

const NOTHING: Known = { doctor: null, slots: new Map(), appointments: new Map() }

/** A doctor's own slots and appointments that start in [from, to), as they stand, for as long as they
 * are looked at. Nothing of it is ever taken back: what ends has a status that says so. */
export function useOwnTime(from: string, to: string) {
  const client = useClient()
  const after = useCursor()
  const [known, learn] = useReducer(withNews, NOTHING)
  const [failed, setFailed] = useState(false)
  const [busy, setBusy] = useState(true)
  const [attempt, setAttempt] = useState(0)
  const reload = useCallback(() => setAttempt(count => count + 1), [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt reads it again
  useEffect(() => {
    if (after === undefined) return
    let here = true
    setBusy(true)
    Promise.all([ownSlots(client, from, to), ownAppointments(client, from)])
      .then(([{ doctor, slots }, appointments]) => {
        if (!here) return
        learn({ doctor, slots, appointments })
        setFailed(false)
      })
      .catch(() => here && setFailed(true))
      .finally(() => here && setBusy(false))
    return () => {
      here = false
    }
  }, [client, after, from, to, attempt])

  useEffect(() => {
    if (after === undefined) return
    return listen(client, OwnAppointmentChanges, { after }, ({ appointmentChanges: news }) => {
      const appointment = unmask(AgendaAppointment, news.appointment)
      if (appointment) learn({ appointments: [appointment] })
      else reload()
    })
  }, [client, after, reload])

  const { id, verified } = known.doctor ?? {}
  useEffect(() => {
    if (after === undefined || !id || !verified) return // only of those whom patients see
    const variables = { doctorIds: [id], after }
    return listen(client, OwnSlotChanges, variables, ({ slotChanges: news }) => {
      const slot = unmask(AgendaSlot, news.slot)
      if (slot) learn({ slots: [slot] })
      else reload()
    })
  }, [client, after, id, verified, reload])

  return { ...known, busy, failed, reload, learn }
}

function withNews(known: Known, { doctor, slots, appointments }: Learnt): Known {
  return {
    doctor: doctor ?? known.doctor,
    slots: slots ? joined(known.slots, slots) : known.slots,
    appointments: appointments ? joined(known.appointments, appointments) : known.appointments,
  }
}

function joined<Thing extends { id: string }>(
  known: ReadonlyMap<string, Thing>,
  news: readonly Thing[],
): ReadonlyMap<string, Thing> {
  return new Map([...known, ...news.map((thing): [string, Thing] => [thing.id, thing])])
}

export async function ownSlots(client: Client, from: string, to: string) {
  const { data, error } = await client
    .query(OwnSlots, { from, to }, { requestPolicy: 'network-only' })
    .toPromise()
  const viewer = data?.viewer
  if (!viewer || !('slots' in viewer)) throw error ?? new Error('no doctor')
  const verified = viewer.registration.status === 'VERIFIED'
  return { doctor: { ...viewer.doctor, verified }, slots: unmask(AgendaSlot, viewer.slots) }
}

/** Those that start then or later. */
async function ownAppointments(client: Client, from: string): Promise<OwnAppointment[]> {
  const found: OwnAppointment[] = []
  for (let after: string | null = null; ; ) {
    const asked: ReturnType<typeof page> = page(client, after)
    const { nodes, pageInfo } = await asked
    found.push(...nodes)
    const last = nodes.at(-1)
    if (!pageInfo.hasNextPage || !last || Date.parse(last.startsAt) < Date.parse(from)) break
    after = pageInfo.endCursor ?? null
  }
  return found
}

async function page(client: Client, after: string | null) {
  const { data, error } = await client
    .query(OwnAppointments, { after }, { requestPolicy: 'network-only' })
    .toPromise()
  const viewer = data?.viewer
  if (!viewer || !('appointments' in viewer)) throw error ?? new Error('no doctor')
  const { nodes, pageInfo } = viewer.appointments
  return { nodes: unmask(AgendaAppointment, nodes), pageInfo }
}
