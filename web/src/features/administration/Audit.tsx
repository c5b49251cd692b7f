import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import type { AuditFilter } from '../../gql/graphql'
import { AuditEntry } from './AuditEntry'
import { AuditSearch } from './AuditSearch'
import { AuditEntries, AuditLine, doctorsIn, faultsOf, filterOf, wantedBy } from './audit'
import { More } from './More'
import { Unread } from './Unread'
import { useNames } from './useNames'

/** Who did what: searched, and followed from one entry to the next. */
export default function Audit() {
  const { t } = useTranslation()
  const [query] = useSearchParams()
  const wanted = wantedBy(query)
  const faults = faultsOf(wanted)
  const title = t('administration.audit.title')
  return (
    <div className="page">
      <title>{title}</title>
      <h1>{title}</h1>
      <p className="quiet">{t('administration.audit.lead')}</p>
      <AuditSearch key={query.toString()} wanted={wanted} faults={faults} />
      {Object.keys(faults).length === 0 && (
        <AuditLines key={`lines ${query}`} filter={filterOf(wanted)} after={null} />
      )}
    </div>
  )
}

/** Read from the server each time, for each reading is an entry. */
function AuditLines({ filter, after }: { filter: AuditFilter; after: string | null }) {
  const { t } = useTranslation()
  const [{ data, error }, reload] = useQuery({
    query: AuditEntries,
    variables: { filter, first: 30, after },
    requestPolicy: 'network-only',
  })
  const viewer = data?.viewer
  const page = viewer && 'auditEntries' in viewer ? viewer.auditEntries : null
  const lines = page ? unmask(AuditLine, page.nodes) : []
  const names = useNames(doctorsIn(lines))
  if (!page) return <Unread error={error} reload={reload} />
  if (lines.length === 0 && after === null) {
    return <p className="empty">{t('administration.audit.none')}</p>
  }
  return (
    <>
      <ol className="entries card">
        {lines.map(line => (
          <li key={line.id} className="entry">
            <AuditEntry line={line} names={names} />
          </li>
        ))}
      </ol>
      <More {...page.pageInfo}>{next => <AuditLines filter={filter} after={next} />}</More>
    </>
  )
}
