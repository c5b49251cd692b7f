import { useState } from 'react'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import type { FindDoctorsQuery } from '../../gql/graphql'
import type { Search } from './filters'
import { OnMap, type Place } from './map/operations'
import { type Card, DoctorCard, FindDoctors } from './operations'

export interface Hit {
  doctor: Card
  distanceKm: number | null
  place: Place | null
}

type Edge = NonNullable<FindDoctorsQuery['doctors']>['edges'][number]

/** The doctors found, page after page, as somebody wants more. */
export function useFound(search: Search) {
  const [earlier, setEarlier] = useState<readonly Edge[]>([])
  const [after, setAfter] = useState<string | null>(null)
  const [{ data, error, fetching }, reload] = useQuery({
    query: FindDoctors,
    variables: { ...search, after },
    requestPolicy: 'cache-and-network',
  })
  const page = data?.doctors
  const edges = [...earlier, ...(page?.edges ?? [])]
  // A new page is late for a moment, and somebody may have come up in the order meanwhile.
  const hits = new Map(edges.map(edge => [unmask(DoctorCard, edge.node).id, hitOf(edge)]))
  return {
    hits: page || earlier.length ? [...hits.values()] : null,
    failed: Boolean(error && !page),
    fetching,
    more: page?.pageInfo.hasNextPage
      ? () => {
          setEarlier(edges)
          setAfter(page.pageInfo.endCursor ?? null)
        }
      : null,
    reload: () => reload({ requestPolicy: 'network-only' }),
  }
}

function hitOf({ node, distanceKm }: Edge): Hit {
  return {
    doctor: unmask(DoctorCard, node),
    distanceKm: distanceKm ?? null,
    place: unmask(OnMap, node).location ?? null,
  }
}
