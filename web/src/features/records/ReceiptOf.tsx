import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { Receipt } from './shares'

/** What a doctor sees by a share, as it stands now, in the server's own words. */
export function ReceiptOf({ id, onClose }: { id: string; onClose: () => void }) {
  const { t, i18n } = useTranslation()
  const language = i18n.language === 'en' ? 'ENGLISH' : 'PORTUGUESE'
  const [{ data, error }] = useQuery({
    query: Receipt,
    variables: { id, language },
    requestPolicy: 'network-only',
  })
  const node = data?.node
  const text = node && 'receipt' in node ? node.receipt.text : null
  return (
    <Ask title={t('record.sharing.receipt')} open onClose={onClose}>
      {text === null && !error && <Loading />}
      {error && <Notice kind="bad">{t('failed')}</Notice>}
      {text !== null && <p className="receipt">{text}</p>}
      <Button onPress={onClose} autoFocus>
        {t('close')}
      </Button>
    </Ask>
  )
}
