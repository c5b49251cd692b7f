import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import { day, dayAndHour } from '../../i18n/times'
import { Notice } from '../../ui/Notice'
import { Decide } from './Decide'
import { Registrations as Query, RegistrationRow, type Row, registrationOf } from './registrations'
import { Unread } from './Unread'

/** One doctor: who he says he is, and what was decided. */
export default function Registration() {
  const { t } = useTranslation()
  const { registration = '' } = useParams()
  const [said, setSaid] = useState<string | null>(null)
  const digits = registration.replace(/\D/g, '')
  const [{ data, error }, reload] = useQuery({
    query: Query,
    variables: { status: null, search: digits, first: 100, after: null },
    requestPolicy: 'cache-and-network',
  })
  const viewer = data?.viewer
  const page = viewer && 'registrations' in viewer ? viewer.registrations : null
  const rows = page && unmask(RegistrationRow, page.nodes)
  const row = rows?.find(({ doctor }) => registrationOf(doctor) === registration)
  const title = row?.doctor.name ?? t('administration.registrations.title')
  return (
    <div className="page">
      <title>{title}</title>
      <p>
        <Link to="/admin/registrations">{t('administration.registrations.all')}</Link>
      </p>
      <h1>{title}</h1>
      {said && <Notice>{said}</Notice>}
      {!rows && <Unread error={error} reload={reload} />}
      {rows && !row && <p className="empty">{t('administration.registrations.notFound')}</p>}
      {row && <Known row={row} onDone={setSaid} />}
    </div>
  )
}

function Known({ row, onDone }: { row: Row; onDone: (said: string) => void }) {
  const { t, i18n } = useTranslation()
  const { doctor, status, registeredAt, decisions } = row
  const numbers = new Map(doctor.specialistIn.map(each => [each.specialty.code, each.rqe]))
  const specialties = doctor.specialties.map(({ code, name }) => {
    const rqe = numbers.get(code)
    return rqe ? t('administration.registrations.withRqe', { name, rqe }) : name
  })
  return (
    <>
      <section className="card box">
        <dl className="facts">
          <dt>CRM</dt>
          <dd>
            {doctor.crm}/{doctor.uf}{' '}
            <span className={`badge ${status}`}>
              {t(`administration.registrations.standing.${status}`)}
            </span>
          </dd>
          <dt>{t('administration.registrations.specialties')}</dt>
          <dd>{specialties.join(', ') || '—'}</dd>
          <dt>{t('administration.registrations.city')}</dt>
          <dd>{doctor.city ?? '—'}</dd>
        </dl>
        <div className="pair">
          <Decide row={row} onDone={onDone} />
          <Link className="button quiet" to={`/admin/audit?subject=${doctor.id}`}>
            {t('administration.registrations.inAudit')}
          </Link>
          <Link className="button quiet" to={`/admin/audit?actor=${doctor.id}`}>
            {t('administration.acts')}
          </Link>
        </div>
      </section>
      <section aria-labelledby="history">
        <h2 id="history">{t('administration.registrations.history')}</h2>
        <ol className="history card">
          {decisions.map(({ at, reason, status }) => (
            <li key={at}>
              <span className={`badge ${status}`}>
                {t(`administration.registrations.standing.${status}`)}
              </span>
              <p className="words">{reason}</p>
              <time className="quiet" dateTime={at}>
                {dayAndHour(at, i18n.language)}
              </time>
            </li>
          ))}
          <li>
            {decisions.length === 0 ? (
              <p>{t(`administration.registrations.registry.${status}`)}</p>
            ) : (
              <p>{t('administration.registrations.first')}</p>
            )}
            <time className="quiet" dateTime={registeredAt}>
              {day(registeredAt, i18n.language)}
            </time>
          </li>
        </ol>
      </section>
    </>
  )
}
