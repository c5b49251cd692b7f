import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { PatientCard } from './PatientCard'
import { known, MyPatients, SharedDocument, SharedDocuments } from './patients'
import { useOpening } from './useOpening'
import { Viewer } from './Viewer'
import './record.css'

/** A doctor's patients, with what each of them lets him see. */
export default function Patients() {
  const { t } = useTranslation()
  const [after, setAfter] = useState<string | null>(null)
  const [{ data, error }, readAgain] = useQuery({
    query: MyPatients,
    requestPolicy: 'cache-and-network',
  })
  // From the network alone, once: each reading is in the access logs of those it shows.
  const [shared, readShared] = useQuery({
    query: SharedDocuments,
    variables: { after },
    requestPolicy: 'network-only',
  })
  const opening = useOpening()
  const mine = data?.viewer && 'appointments' in data.viewer ? data.viewer : null
  const seen = shared.data?.viewer
  const page = seen && 'sharedDocuments' in seen ? seen.sharedDocuments : null
  const failed = (error && !mine) || (shared.error && !page)

  function reload() {
    readAgain({ requestPolicy: 'network-only' })
    readShared({ requestPolicy: 'network-only' })
  }

  const people = mine && page ? known(mine, unmask(SharedDocument, page.nodes), new Date()) : null
  return (
    <div className="page">
      <title>{t('patients.title')}</title>
      <h1>{t('patients.title')}</h1>
      <p className="quiet">{t('patients.lead')}</p>
      {failed && (
        <>
          <Notice kind="bad">{t('failed')}</Notice>
          <Button onPress={reload}>{t('tryAgain')}</Button>
        </>
      )}
      {opening.failed && <Notice kind="bad">{t('record.notOpened')}</Notice>}
      {!people && !failed && <Loading />}
      {people?.length === 0 && <p className="empty">{t('patients.none')}</p>}
      <ul className="cards">
        {people?.map(person => (
          <li key={person.id}>
            <PatientCard person={person} opening={opening} onChanged={reload} />
          </li>
        ))}
      </ul>
      {page?.pageInfo.hasNextPage && (
        <Button kind="quiet" onPress={() => setAfter(page.pageInfo.endCursor ?? null)}>
          {t('patients.next')}
        </Button>
      )}
      <Viewer shown={opening.shown} onClose={opening.close} />
    </div>
  )
}
