import { Copy } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'

/** A secret, as it is told this once. */
export interface Told {
  name: string
  secret: string
}

/** It is in this dialog alone: closed, it is gone. */
export function Secret({ told, onClose }: { told: Told; onClose: () => void }) {
  const { t } = useTranslation()
  const [copied, setCopied] = useState(false)
  const { name, secret } = told

  async function onCopy() {
    await navigator.clipboard.writeText(secret).then(
      () => setCopied(true),
      () => setCopied(false), // it can still be selected
    )
  }

  return (
    <Ask title={t('administration.partners.secret.title', { name })} open firm onClose={onClose}>
      <p>{t('administration.partners.secret.text')}</p>
      <dl className="facts">
        <dt>{t('administration.partners.secret.label')}</dt>
        <dd>
          <code className="secret">{secret}</code>
        </dd>
      </dl>
      <p role="status">{copied && t('administration.partners.secret.copied')}</p>
      <div className="pair">
        <Button onPress={onCopy} autoFocus>
          <Copy size={18} aria-hidden /> {t('administration.partners.secret.copy')}
        </Button>
        <Button kind="quiet" onPress={onClose}>
          {t('administration.partners.secret.done')}
        </Button>
      </div>
    </Ask>
  )
}
