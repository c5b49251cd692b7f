import { useQuery, useSubscription } from 'urql'
import { unmask } from '../../gql'
import { useCursor } from '../../graphql/useCursor'
import { AppointmentCard, AppointmentChanges, MyAppointments } from './operations'

/** All of the viewer's own, as they stand now, for as long as they are looked at. */
export function useAppointments(earlier: number) {
  const after = useCursor()
  const [{ data, error }, reload] = useQuery({
    query: MyAppointments,
    variables: { earlier },
    requestPolicy: 'cache-and-network',
    pause: after === undefined,
  })
  useSubscription({
    query: AppointmentChanges,
    variables: { after: after ?? null },
    pause: after === undefined,
  })
  const viewer = data?.viewer
  const lists = viewer && 'ahead' in viewer ? viewer : null
  return {
    cards: lists && unmask(AppointmentCard, [...lists.ahead.nodes, ...lists.behind.nodes]),
    more: lists?.behind.pageInfo.hasNextPage ?? false,
    failed: Boolean(error && !data),
    reload: () => reload({ requestPolicy: 'network-only' }),
  }
}
