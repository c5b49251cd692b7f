import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import type { DocumentStatus } from '../../gql/graphql'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { DocumentItem } from './DocumentItem'
import { DocumentRow, MyDocuments } from './documents'
import { Uploader } from './Uploader'
import { useOpening } from './useOpening'
import { Viewer } from './Viewer'

const FIRST = 25

/** All of a patient's own, and where more come from. */
export function Documents() {
  const { t } = useTranslation()
  const [hidden, setHidden] = useState(false)
  const opening = useOpening()
  return (
    <>
      <Uploader />
      {opening.failed && <Notice kind="bad">{t('record.notOpened')}</Notice>}
      <DocumentPage key={String(hidden)} hidden={hidden} after={null} opening={opening} />
      <div>
        <Button kind="quiet" onPress={() => setHidden(!hidden)}>
          {t(hidden ? 'record.backFromHidden' : 'record.showHidden')}
        </Button>
      </div>
      <Viewer shown={opening.shown} onClose={opening.close} />
    </>
  )
}

interface Props {
  hidden: boolean
  after: string | null
  opening: ReturnType<typeof useOpening>
}

/** A page, and beneath it the next one once it is asked for. */
function DocumentPage({ hidden, after, opening }: Props) {
  const { t } = useTranslation()
  const [more, setMore] = useState(false)
  const status: DocumentStatus[] = [hidden ? 'HIDDEN' : 'AVAILABLE']
  const [{ data, error }, reload] = useQuery({
    query: MyDocuments,
    variables: { status, first: FIRST, after },
    requestPolicy: 'cache-and-network',
  })
  const viewer = data?.viewer
  const page = viewer && 'documents' in viewer ? viewer.documents : null
  if (!page && !error) return <Loading />
  if (!page) {
    return (
      <>
        <Notice kind="bad">{t('failed')}</Notice>
        <Button onPress={() => reload({ requestPolicy: 'network-only' })}>{t('tryAgain')}</Button>
      </>
    )
  }
  const rows = unmask(DocumentRow, page.nodes)
  if (rows.length === 0 && after === null) {
    return <p className="empty">{t(hidden ? 'record.noneHidden' : 'record.none')}</p>
  }
  return (
    <>
      <ul className="cards">
        {rows.map(row => (
          <li key={row.id}>
            <DocumentItem row={row} opening={opening} />
          </li>
        ))}
      </ul>
      {page.pageInfo.hasNextPage && more && (
        <DocumentPage hidden={hidden} after={page.pageInfo.endCursor ?? null} opening={opening} />
      )}
      {page.pageInfo.hasNextPage && !more && (
        <Button kind="quiet" onPress={() => setMore(true)}>
          {t('record.more')}
        </Button>
      )}
    </>
  )
}
