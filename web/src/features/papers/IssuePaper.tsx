import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { useQuery } from 'urql'
import { day, hour } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { Options } from '../records/Options'
import { useOpening } from '../records/useOpening'
import { Viewer } from '../records/Viewer'
import { PaperCard } from './PaperCard'
import { PaperForm } from './PaperForm'
import { KINDS, type Kind, type Paper, PaperVisit } from './papers'
import '../records/record.css'
import './papers.css'

/** A doctor's papers for one visit: written, looked at, issued, signed. */
export default function IssuePaper() {
  const { t, i18n } = useTranslation()
  const { appointmentId = '' } = useParams()
  const [kind, setKind] = useState<Kind>('certificate')
  const [issued, setIssued] = useState<Paper[]>([])
  const opening = useOpening()
  const [{ data, error }, read] = useQuery({ query: PaperVisit, variables: { id: appointmentId } })
  const visit = data?.node && 'patient' in data.node ? data.node : null
  const title = t('papers.title')

  function learn(paper: Paper): void {
    setIssued(before => [paper, ...before.filter(({ id }) => id !== paper.id)])
  }

  return (
    <div className="page">
      <title>{title}</title>
      <h1>{title}</h1>
      {!data && !error && <Loading />}
      {error && !data && (
        <>
          <Notice kind="bad">{t('failed')}</Notice>
          <Button onPress={() => read({ requestPolicy: 'network-only' })}>{t('tryAgain')}</Button>
        </>
      )}
      {data && !visit && <p className="empty">{t('papers.noVisit')}</p>}
      {visit && (
        <>
          <p>
            {t('papers.for', {
              name: visit.patient.name,
              day: day(visit.startsAt, i18n.language),
              hour: hour(visit.startsAt, i18n.language),
            })}{' '}
            <Link to="/papers">{t('papers.all')}</Link>
          </p>
          {opening.failed && <Notice kind="bad">{t('record.notOpened')}</Notice>}
          {issued.length > 0 && (
            <>
              <Notice>{t('papers.done')}</Notice>
              <ul className="cards">
                {issued.map(paper => (
                  <li key={paper.id}>
                    <PaperCard paper={paper} opening={opening} onSigned={learn} />
                  </li>
                ))}
              </ul>
            </>
          )}
          <section className="card box">
            <Options
              label={t('papers.kind')}
              value={kind}
              onChange={value => setKind(value as Kind)}
              options={KINDS.map(id => ({ id, text: t(`papers.kinds.${id}`) }))}
            />
            <PaperForm
              key={`${kind} ${issued.length}`}
              kind={kind}
              appointmentId={visit.id}
              patient={visit.patient.name}
              onIssued={learn}
            />
          </section>
          <Viewer shown={opening.shown} onClose={opening.close} />
        </>
      )}
    </div>
  )
}
