import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { useOpening } from '../records/useOpening'
import { Viewer } from '../records/Viewer'
import { PaperCard } from './PaperCard'
import { IssuedPapers, PaperRow } from './papers'
import '../records/record.css'
import './papers.css'

/** All that a doctor has issued. */
export default function Papers() {
  const { t } = useTranslation()
  const opening = useOpening()
  const title = t('papers.title')
  return (
    <div className="page">
      <title>{title}</title>
      <h1>{title}</h1>
      <p className="quiet">{t('papers.lead')}</p>
      {opening.failed && <Notice kind="bad">{t('record.notOpened')}</Notice>}
      <PaperPage after={null} opening={opening} />
      <Viewer shown={opening.shown} onClose={opening.close} />
    </div>
  )
}

interface Props {
  after: string | null
  opening: ReturnType<typeof useOpening>
}

/** From the network alone, once: each reading is in the access logs of those it shows. */
function PaperPage({ after, opening }: Props) {
  const { t } = useTranslation()
  const [more, setMore] = useState(false)
  const [{ data, error }, read] = useQuery({
    query: IssuedPapers,
    variables: { first: 25, after },
    requestPolicy: 'network-only',
  })
  const viewer = data?.viewer
  const page = viewer && 'issuedDocuments' in viewer ? viewer.issuedDocuments : null
  if (!page && !error) return <Loading />
  if (!page) {
    return (
      <>
        <Notice kind="bad">{t('failed')}</Notice>
        <Button onPress={() => read({ requestPolicy: 'network-only' })}>{t('tryAgain')}</Button>
      </>
    )
  }
  const papers = unmask(PaperRow, page.nodes)
  if (papers.length === 0 && after === null) return <p className="empty">{t('papers.none')}</p>
  return (
    <>
      <ul className="cards">
        {papers.map(paper => (
          <li key={paper.id}>
            <PaperCard paper={paper} opening={opening} onSigned={() => undefined} />
          </li>
        ))}
      </ul>
      {page.pageInfo.hasNextPage && more && (
        <PaperPage after={page.pageInfo.endCursor ?? null} opening={opening} />
      )}
      {page.pageInfo.hasNextPage && !more && (
        <Button kind="quiet" onPress={() => setMore(true)}>
          {t('record.more')}
        </Button>
      )}
    </>
  )
}
