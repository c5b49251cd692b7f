import { Eye, FileUp, Share2, ShieldAlert } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import { dayAndHour } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { type Access, AccessLine, MyAccesses } from './accesses'
import { sentence } from './sentence'

const FIRST = 30

/** A page of the access log, the latest first, and beneath it the next one once it is asked for. */
export function Accesses({ after = null }: { after?: string | null }) {
  const { t } = useTranslation()
  const [more, setMore] = useState(false)
  const [{ data, error }] = useQuery({
    query: MyAccesses,
    variables: { first: FIRST, after },
    requestPolicy: 'cache-and-network',
  })
  const viewer = data?.viewer
  if (!viewer || !('recordAccesses' in viewer)) {
    return error ? <Notice kind="bad">{t('failed')}</Notice> : <Loading />
  }
  const { nodes, pageInfo } = viewer.recordAccesses
  const lines = unmask(AccessLine, nodes)
  if (lines.length === 0 && after === null) {
    return <p className="empty">{t('record.accesses.none')}</p>
  }
  return (
    <>
      <ol className="log card">
        {lines.map(line => (
          <Line key={line.cursor} line={line} />
        ))}
      </ol>
      {pageInfo.hasNextPage && more && <Accesses after={pageInfo.endCursor ?? null} />}
      {pageInfo.hasNextPage && !more && (
        <Button kind="quiet" onPress={() => setMore(true)}>
          {t('record.more')}
        </Button>
      )}
    </>
  )
}

function Line({ line }: { line: Access }) {
  const { t, i18n } = useTranslation()
  const { action, actorCrm, actorUf, at, purpose } = line
  const alarming = action === 'DENIED' || (action === 'SHARED' && actorCrm)
  const Sign = alarming
    ? ShieldAlert
    : action === 'UPLOADED'
      ? FileUp
      : action === 'SHARED' || action === 'REVOKED'
        ? Share2
        : Eye
  return (
    <li className={alarming ? 'alarming' : ''}>
      <Sign size={20} aria-hidden />
      <div>
        <p>{sentence(line, t)}</p>
        {purpose && action !== 'DENIED' && (
          <p className="quiet">{t('record.accesses.purpose', { purpose })}</p>
        )}
        <p className="quiet">
          <time dateTime={at}>{dayAndHour(at, i18n.language)}</time>
          {actorCrm && ` · CRM ${actorCrm}/${actorUf}`}
        </p>
      </div>
    </li>
  )
}
