import { Share2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMutation, useQuery } from 'urql'
import { unmask } from '../../gql'
import { day } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { ReceiptOf } from './ReceiptOf'
import { ShareForm } from './ShareForm'
import { ShareItem } from './ShareItem'
import { AnswerRequest, AskedFor, MyShares, type Request, ShareCard } from './shares'

/** Who sees what of one's record, who asks to, and a way to let somebody. */
export function Shares() {
  const { t } = useTranslation()
  const [{ data, error }] = useQuery({ query: MyShares, requestPolicy: 'cache-and-network' })
  const [sharing, setSharing] = useState<'new' | Request | null>(null)
  const [receipt, setReceipt] = useState<string | null>(null)
  const viewer = data?.viewer
  if (!viewer || !('shares' in viewer)) {
    return error ? <Notice kind="bad">{t('failed')}</Notice> : <Loading />
  }
  const shares = unmask(ShareCard, viewer.shares.nodes)
  const requests = unmask(AskedFor, viewer.accessRequests.nodes)
  const active = shares.filter(({ status }) => status === 'ACTIVE')
  const ended = shares.filter(({ status }) => status !== 'ACTIVE')
  return (
    <>
      {requests
        .filter(({ status }) => status === 'PENDING')
        .map(request => (
          <Asking key={request.id} request={request} onAccept={() => setSharing(request)} />
        ))}
      <div>
        <Button onPress={() => setSharing('new')}>
          <Share2 size={18} aria-hidden /> {t('record.sharing.begin')}
        </Button>
      </div>
      {active.length === 0 && <p className="empty">{t('record.sharing.none')}</p>}
      <ul className="cards" aria-label={t('record.sharing.active')}>
        {active.map(share => (
          <li key={share.id}>
            <ShareItem share={share} onReceipt={() => setReceipt(share.id)} />
          </li>
        ))}
      </ul>
      {ended.length > 0 && (
        <section>
          <h2>{t('record.sharing.ended')}</h2>
          <ul className="cards">
            {ended.map(share => (
              <li key={share.id}>
                <ShareItem share={share} onReceipt={() => setReceipt(share.id)} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {sharing && (
        <ShareForm
          request={sharing === 'new' ? null : sharing}
          onClose={() => setSharing(null)}
          onShared={id => {
            setSharing(null)
            setReceipt(id)
          }}
        />
      )}
      {receipt && <ReceiptOf id={receipt} onClose={() => setReceipt(null)} />}
    </>
  )
}

function Asking({ request, onAccept }: { request: Request; onAccept: () => void }) {
  const { t, i18n } = useTranslation()
  const [{ fetching }, answer] = useMutation(AnswerRequest)
  const [failed, setFailed] = useState(false)
  const { doctor, message, expiresAt } = request

  async function onDecline() {
    const { data } = await answer({ input: { requestId: request.id, accept: false } })
    if (!data?.answerAccessRequest?.request) setFailed(true)
  }

  return (
    <section className="card asking" aria-labelledby={request.id}>
      <h2 id={request.id}>{t('record.asking.title', { name: doctor.name })}</h2>
      <p className="quiet">
        CRM {doctor.crm}/{doctor.uf}
      </p>
      <blockquote>{message}</blockquote>
      <p className="quiet">{t('record.asking.until', { day: day(expiresAt, i18n.language) })}</p>
      {failed && <Notice kind="bad">{t('failed')}</Notice>}
      <div className="pair">
        <Button onPress={onAccept}>{t('record.asking.accept')}</Button>
        <Button kind="quiet" onPress={onDecline} isPending={fetching}>
          {t('record.asking.decline')}
        </Button>
      </div>
    </section>
  )
}
