import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import { Notice } from '../../ui/Notice'
import { EmergencyCard } from './EmergencyCard'
import { EmergencyRow, Emergencies as Query } from './emergencies'
import { More } from './More'
import { Unread } from './Unread'

const WHICH = { waiting: false, reviewed: true, all: null }
type Which = keyof typeof WHICH

/** Records that were opened without asking, and what the clinic found of it. */
export default function Emergencies() {
  const { t } = useTranslation()
  const [query, setQuery] = useSearchParams()
  const [done, setDone] = useState(false)
  const names = Object.keys(WHICH) as Which[]
  const which = names.find(each => each === query.get('show')) ?? 'waiting'
  const title = t('administration.emergencies.title')
  return (
    <div className="page">
      <title>{title}</title>
      <h1>{title}</h1>
      <p className="quiet">{t('administration.emergencies.lead')}</p>
      {done && <Notice>{t('administration.emergencies.done')}</Notice>}
      <div className="filter alone">
        <label className="field">
          <span>{t('administration.emergencies.show')}</span>
          <select
            value={which}
            onChange={({ target }) => {
              setDone(false)
              setQuery({ show: target.value })
            }}
          >
            {names.map(each => (
              <option key={each} value={each}>
                {t(`administration.emergencies.which.${each}`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Rows key={which} which={which} after={null} onDone={() => setDone(true)} />
    </div>
  )
}

interface RowsProps {
  which: Which
  after: string | null
  onDone: () => void
}

function Rows({ which, after, onDone }: RowsProps) {
  const { t } = useTranslation()
  const [{ data, error }, reload] = useQuery({
    query: Query,
    variables: { reviewed: WHICH[which], first: 20, after },
    requestPolicy: 'cache-and-network',
  })
  const viewer = data?.viewer
  const page = viewer && 'emergencyAccesses' in viewer ? viewer.emergencyAccesses : null
  if (!page) return <Unread error={error} reload={reload} />
  const rows = unmask(EmergencyRow, page.nodes)
  if (rows.length === 0 && after === null) {
    return <p className="empty">{t(`administration.emergencies.none.${which}`)}</p>
  }
  return (
    <>
      <ul className="cards">
        {rows.map(row => (
          <li key={row.id}>
            <EmergencyCard row={row} onDone={onDone} />
          </li>
        ))}
      </ul>
      <More {...page.pageInfo}>{next => <Rows which={which} after={next} onDone={onDone} />}</More>
    </>
  )
}
