import { getLocalTimeZone, today } from '@internationalized/date'
import { useState } from 'react'
import { Checkbox } from 'react-aria-components/Checkbox'
import { useTranslation } from 'react-i18next'
import { Field } from '../../ui/Field'

/** What a certificate says; a diagnosis only with the patient's word for it. */
export function CertificateFields() {
  const { t } = useTranslation()
  const [cid, setCid] = useState('')
  return (
    <>
      <Field
        name="text"
        label={t('papers.certificate.text')}
        lines={5}
        maxLength={4000}
        defaultValue={t('papers.certificate.usual')}
        isRequired
      />
      <div className="side-by-side even">
        <Field
          name="startsOn"
          type="date"
          label={t('papers.certificate.startsOn')}
          defaultValue={today(getLocalTimeZone()).toString()}
          isRequired
        />
        <Field
          name="days"
          label={t('papers.certificate.days')}
          hint={t('papers.certificate.daysHint')}
          inputMode="numeric"
          pattern="[0-9]{1,3}"
        />
      </div>
      <Field
        name="cid"
        label={t('papers.certificate.cid')}
        hint={t('papers.certificate.cidHint')}
        value={cid}
        onChange={setCid}
        maxLength={12}
      />
      {cid.trim() && (
        <Checkbox name="cidConsent" className="pick square" isRequired>
          {t('papers.certificate.consent')}
        </Checkbox>
      )}
    </>
  )
}
