import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import type { DoctorStatus } from '../../gql/graphql'
import { day } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { Decide } from './Decide'
import { More } from './More'
import {
  Registrations as Query,
  RegistrationRow,
  type Row,
  registrationOf,
  STANDINGS,
} from './registrations'
import { Unread } from './Unread'
import { Word } from './Word'

/** Whom the clinic has to decide on, and all others. */
export default function Registrations() {
  const { t } = useTranslation()
  const [query, setQuery] = useSearchParams()
  const [said, setSaid] = useState<string | null>(null)
  const search = query.get('search') ?? ''
  const shown = query.get('status') ?? 'PENDING'
  const status = STANDINGS.find(each => each === shown) ?? null

  function show(changed: Record<string, string>) {
    setSaid(null)
    setQuery({ status: shown, search, ...changed })
  }

  function find(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    show({ search: String(new FormData(event.currentTarget).get('search')).trim() })
  }

  const title = t('administration.registrations.title')
  return (
    <div className="page">
      <title>{title}</title>
      <h1>{title}</h1>
      {said && <Notice>{said}</Notice>}
      <Form onSubmit={find} className="filter">
        <Field
          key={search}
          name="search"
          type="search"
          label={t('administration.registrations.search')}
          defaultValue={search}
        />
        <label className="field">
          <span>{t('administration.registrations.show')}</span>
          <select value={shown} onChange={({ target }) => show({ status: target.value })}>
            {[...STANDINGS, 'ALL' as const].map(each => (
              <option key={each} value={each}>
                {t(`administration.registrations.standings.${each}`)}
              </option>
            ))}
          </select>
        </label>
        <Button type="submit">{t('administration.registrations.find')}</Button>
      </Form>
      <Rows
        key={`${shown} ${search}`}
        status={status}
        search={search}
        after={null}
        onDone={setSaid}
      />
    </div>
  )
}

interface RowsProps {
  status: DoctorStatus | null
  search: string
  after: string | null
  onDone: (said: string) => void
}

function Rows({ status, search, after, onDone }: RowsProps) {
  const { t } = useTranslation()
  const [{ data, error }, reload] = useQuery({
    query: Query,
    variables: { status: status && [status], search: search || null, first: 20, after },
    requestPolicy: 'cache-and-network',
  })
  const viewer = data?.viewer
  const page = viewer && 'registrations' in viewer ? viewer.registrations : null
  if (!page) return <Unread error={error} reload={reload} />
  const rows = unmask(RegistrationRow, page.nodes)
  if (rows.length === 0 && after === null) {
    const none = search ? 'noneFound' : 'none'
    return <p className="empty">{t(`administration.registrations.${none}`, { search })}</p>
  }
  return (
    <>
      <ul className="cards">
        {rows.map(row => (
          <li key={row.doctor.id}>
            <RegistrationCard row={row} onDone={onDone} />
          </li>
        ))}
      </ul>
      <More {...page.pageInfo}>
        {next => <Rows status={status} search={search} after={next} onDone={onDone} />}
      </More>
    </>
  )
}

function RegistrationCard({ row, onDone }: { row: Row; onDone: (said: string) => void }) {
  const { t, i18n } = useTranslation()
  const { doctor, status, registeredAt } = row
  return (
    <article className="card box" aria-labelledby={doctor.id}>
      <div className="heading">
        <h2 id={doctor.id}>{doctor.name}</h2>
        <span className={`badge ${status}`}>
          {t(`administration.registrations.standing.${status}`)}
        </span>
      </div>
      <p>
        CRM {doctor.crm}/{doctor.uf}
        <span className="quiet">
          {' · '}
          {t('administration.registrations.joined', { at: day(registeredAt, i18n.language) })}
        </span>
      </p>
      <Word row={row} />
      <div className="pair">
        <Decide row={row} onDone={onDone} />
        <Link
          className="button quiet"
          to={`/admin/registrations/${registrationOf(doctor)}`}
          aria-label={t('administration.registrations.historyOf', { name: doctor.name })}
        >
          {t('administration.registrations.history')}
        </Link>
      </div>
    </article>
  )
}
