import { Copy, Download, Printer } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'
import { save } from '../records/save'

/** Shown this once: to be copied, kept as a file or printed. */
export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  const { t } = useTranslation()
  const [copied, setCopied] = useState(false)
  const text = `${t('brand')}: ${t('account.factor.codesTitle')}\n\n${codes.join('\n')}\n`

  async function copy() {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }

  function download() {
    const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
    save(url, t('account.factor.fileName'))
    URL.revokeObjectURL(url)
  }

  return (
    <div className="form printed">
      <p role="status">{t('account.factor.codes')}</p>
      <ul className="recovery-codes" aria-label={t('account.factor.codesTitle')}>
        {codes.map(code => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="pair unprinted">
        <Button kind="quiet" onPress={copy}>
          <Copy size={18} aria-hidden />{' '}
          {t(copied ? 'account.factor.copied' : 'account.factor.copy')}
        </Button>
        <Button kind="quiet" onPress={download}>
          <Download size={18} aria-hidden /> {t('account.factor.download')}
        </Button>
        <Button kind="quiet" onPress={() => window.print()}>
          <Printer size={18} aria-hidden /> {t('account.factor.print')}
        </Button>
      </div>
    </div>
  )
}
