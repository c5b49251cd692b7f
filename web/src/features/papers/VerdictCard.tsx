import { BadgeCheck, CircleAlert } from 'lucide-react'
import { useState } from 'react'
import { FileTrigger } from 'react-aria-components/FileTrigger'
import { useTranslation } from 'react-i18next'
import { day, hour, zoneName } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { sha256 } from '../records/content'
import type { Found } from './verifying'

/** What is known of a paper: nothing of the patient. */
export function VerdictCard({ found }: { found: Found }) {
  const { t, i18n } = useTranslation()
  const { kind, signature, issuedAt, timeZone } = found
  const signed = signature === 'SIGNED'
  const language = i18n.language
  const at = [
    day(issuedAt, language, timeZone),
    hour(issuedAt, language, timeZone),
    `(${zoneName(issuedAt, language, timeZone)})`,
  ].join(' ')
  return (
    <>
      <section className={`card verdict ${signed ? '' : 'doubt'}`}>
        <h2>
          {signed ? <BadgeCheck aria-hidden /> : <CircleAlert aria-hidden />}
          {t(signed ? 'verify.signed' : 'verify.unsigned')}
        </h2>
        {!signed && <p>{t('verify.unsignedText')}</p>}
        <dl>
          <dt>{t('verify.kind')}</dt>
          <dd>{t(`verify.kinds.${kind}`)}</dd>
          <dt>{t('verify.at')}</dt>
          <dd>{at}</dd>
          <dt>{t('verify.doctor')}</dt>
          <dd>
            {found.doctorName}, CRM {found.crm}/{found.uf}
          </dd>
          <dt>{t('verify.signature')}</dt>
          <dd>{t(`verify.signatures.${signature}`)}</dd>
          <dt>{t('verify.sha256')}</dt>
          <dd>
            <code>{found.sha256}</code>
          </dd>
        </dl>
        <p className="quiet">
          {t('verify.iti')} <a href="https://validar.iti.gov.br">validar.iti.gov.br</a>
        </p>
      </section>
      <SameFile found={found} />
    </>
  )
}

/** Compared here: the file goes nowhere. */
function SameFile({ found: { sha256: expected, signature } }: { found: Found }) {
  const { t } = useTranslation()
  const [same, setSame] = useState<boolean | null>(null)

  async function onSelect(files: FileList | null) {
    const file = files?.item(0)
    if (file) setSame((await sha256(file)) === expected)
  }

  const other = signature === 'SIGNED' ? 'other' : 'otherUnsigned'
  return (
    <section className="card verdict">
      <h2>{t('verify.file.title')}</h2>
      <p>{t('verify.file.text')}</p>
      <div>
        <FileTrigger acceptedFileTypes={['application/pdf']} onSelect={onSelect}>
          <Button kind="quiet">{t('verify.file.choose')}</Button>
        </FileTrigger>
      </div>
      {same && <Notice>{t('verify.file.same')}</Notice>}
      {same === false && <Notice kind="bad">{t(`verify.file.${other}`)}</Notice>}
    </section>
  )
}
