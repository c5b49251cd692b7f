import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import type { Party } from '../../session/session'
import { Button } from '../../ui/Button'
import { InPersonItem } from './InPersonItem'
import { InPersonCard, InPersonRequests } from './operations'
import './inPerson.css'

const PAGE = 20
const MOST = 100

interface Props {
  reader: Party
  /** Only those that wait for an answer. */
  waiting?: boolean
}

/** Requests for visits in person; nothing where there are none. */
export function InPerson({ reader, waiting = false }: Props) {
  const { t } = useTranslation()
  const [first, setFirst] = useState(PAGE)
  const [{ data }] = useQuery({
    query: InPersonRequests,
    variables: { first },
    requestPolicy: 'cache-and-network',
  })
  const viewer = data?.viewer
  const page = viewer && 'inPersonRequests' in viewer ? viewer.inPersonRequests : null
  const all = page ? unmask(InPersonCard, page.nodes) : []
  const requests = waiting ? all.filter(({ status }) => status === 'ASKED') : all
  if (requests.length === 0) return null
  return (
    <section className="in-person" aria-labelledby="in-person">
      <h2 id="in-person">{t('inPerson.title')}</h2>
      <ul className="cards">
        {requests.map(request => (
          <li key={request.id}>
            <InPersonItem request={request} role={reader} />
          </li>
        ))}
      </ul>
      {!waiting && page?.pageInfo.hasNextPage && first < MOST && (
        <Button kind="quiet" onPress={() => setFirst(Math.min(first + PAGE, MOST))}>
          {t('appointments.more')}
        </Button>
      )}
    </section>
  )
}
