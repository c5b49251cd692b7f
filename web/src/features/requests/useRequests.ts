import { useEffect, useRef } from 'react'
import { useClient, useQuery } from 'urql'
import { unmask } from '../../gql'
import { listen } from '../../graphql/listen'
import { useCursor } from '../../graphql/useCursor'
import { AgendaAppointment, type OwnAppointment, OwnAppointmentChanges } from '../agenda/operations'
import { Requests } from './operations'

/** The requests that wait, the one to be answered first before the others; `rings` for each new one. */
export function useRequests(rings?: () => void) {
  const client = useClient()
  const after = useCursor()
  const ring = useRef(rings)
  useEffect(() => {
    ring.current = rings
  })
  const [{ data, error }, reload] = useQuery({
    query: Requests,
    requestPolicy: 'cache-and-network',
    pause: after === undefined,
  })
  useEffect(() => {
    if (after === undefined) return
    return listen(client, OwnAppointmentChanges, { after }, ({ appointmentChanges: news }) => {
      const appointment = unmask(AgendaAppointment, news.appointment)
      const asks = news.kind === 'REQUESTED' || news.kind === 'RESCHEDULED'
      if (asks && appointment?.status === 'REQUESTED') ring.current?.()
    })
  }, [client, after])
  const viewer = data?.viewer
  const appointments =
    viewer && 'appointments' in viewer
      ? unmask(AgendaAppointment, viewer.appointments.nodes)
          .filter(({ status }) => status === 'REQUESTED')
          .sort((one, other) => due(one) - due(other) || starts(one) - starts(other))
      : null
  return {
    requests: appointments,
    zone: viewer && 'doctor' in viewer ? viewer.doctor.timeZone : null,
    failed: Boolean(error && !data),
    reload: () => reload({ requestPolicy: 'network-only' }),
  }
}

const due = ({ respondBy }: OwnAppointment) => Date.parse(respondBy)
const starts = ({ startsAt }: OwnAppointment) => Date.parse(startsAt)
