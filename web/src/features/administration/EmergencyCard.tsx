import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import { dayAndHour, hour } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { AuditEntries, AuditLine } from './audit'
import { during, type Emergency } from './emergencies'
import { labelOf } from './labels'
import { Review } from './Review'
import { Unread } from './Unread'

/** One access: by whom, why, and what was seen in its hour. */
export function EmergencyCard({ row, onDone }: { row: Emergency; onDone: () => void }) {
  const { t, i18n } = useTranslation()
  const [looked, setLooked] = useState(false)
  const [reviewing, setReviewing] = useState(false)
  const { id, doctor, patientId, openedAt, endsAt, reason, reviewedAt, reviewedBy, note } = row
  const language = i18n.language
  const name = doctor.name
  return (
    <article className="card box" aria-labelledby={id}>
      <div className="heading">
        <h2 id={id}>{name}</h2>
        <span className={`badge ${reviewedAt ? 'VERIFIED' : 'PENDING'}`}>
          {t(`administration.emergencies.${reviewedAt ? 'reviewed' : 'waiting'}`)}
        </span>
      </div>
      <p>
        CRM {doctor.crm}/{doctor.uf}
        <span className="quiet">
          {' · '}
          {t('administration.emergencies.when', {
            from: dayAndHour(openedAt, language),
            to: hour(endsAt, language),
          })}
        </span>
      </p>
      <dl className="facts">
        <dt>{t('administration.emergencies.reason')}</dt>
        <dd>{reason}</dd>
        <dt>{t('administration.emergencies.patient')}</dt>
        <dd>
          <Link to={`/admin/audit?subject=${patientId}`}>{patientId}</Link>
        </dd>
        {reviewedAt && (
          <>
            <dt>
              {t('administration.emergencies.verdict', {
                at: dayAndHour(reviewedAt, language),
                who: reviewedBy ?? '',
              })}
            </dt>
            <dd>{note}</dd>
          </>
        )}
      </dl>
      {looked && <Seen row={row} />}
      <div className="pair">
        {!reviewedAt && (
          <Button
            aria-label={t('administration.emergencies.reviewOf', { name })}
            onPress={() => setReviewing(true)}
          >
            {t('administration.emergencies.review')}
          </Button>
        )}
        {!looked && (
          <Button
            kind="quiet"
            aria-label={t('administration.emergencies.lookOf', { name })}
            onPress={() => setLooked(true)}
          >
            {t('administration.emergencies.look')}
          </Button>
        )}
      </div>
      {reviewing && <Review row={row} onClose={() => setReviewing(false)} onDone={onDone} />}
    </article>
  )
}

/** What the audit log has of that doctor and that record in that hour. */
function Seen({ row }: { row: Emergency }) {
  const { t, i18n } = useTranslation()
  const [{ data, error }, reload] = useQuery({
    query: AuditEntries,
    variables: { filter: during(row), first: 100, after: null },
    requestPolicy: 'network-only',
  })
  const viewer = data?.viewer
  const page = viewer && 'auditEntries' in viewer ? viewer.auditEntries : null
  if (!page) return <Unread error={error} reload={reload} />
  const lines = unmask(AuditLine, page.nodes)
  return (
    <section>
      <h3>{t('administration.emergencies.opened')}</h3>
      {lines.length === 0 ? (
        <p>{t('administration.emergencies.nothing')}</p>
      ) : (
        <ol className="listed">
          {lines.map(({ id, at, action, subjects }) => {
            const document = subjects.find(({ name }) => name === 'documentId')
            return (
              <li key={id}>
                <time dateTime={at}>{hour(at, i18n.language)}</time>{' '}
                {labelOf('actions', action, i18n)}
                {document && <span className="quiet"> ({document.value})</span>}
              </li>
            )
          })}
        </ol>
      )}
    </section>
  )
}
