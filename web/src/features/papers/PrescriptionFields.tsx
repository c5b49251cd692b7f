import { Plus, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { DRUG_FIELDS, DRUGS_MOST } from './papers'

interface Props {
  count: number
  onCount: (count: number) => void
}

/** Drugs, each with its dose, use and quantity. */
export function PrescriptionFields({ count, onCount }: Props) {
  const { t } = useTranslation()
  return (
    <>
      <Notice>{t('papers.prescription.notFor')}</Notice>
      {Array.from({ length: count }, (_, number) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: only the last one is ever taken away
        <fieldset key={number} className="drug">
          <legend>{t('papers.prescription.item', { number: number + 1 })}</legend>
          {DRUG_FIELDS.map(name => (
            <Field
              key={name}
              name={`items.${number}.${name}`}
              label={t(`papers.prescription.${name}`)}
              placeholder={t(`papers.prescription.such.${name}`)}
              maxLength={200}
              isRequired
            />
          ))}
        </fieldset>
      ))}
      <div className="pair">
        <Button kind="quiet" isDisabled={count >= DRUGS_MOST} onPress={() => onCount(count + 1)}>
          <Plus size={18} aria-hidden /> {t('papers.prescription.add')}
        </Button>
        {count > 1 && (
          <Button kind="quiet" onPress={() => onCount(count - 1)}>
            <X size={18} aria-hidden /> {t('papers.prescription.remove', { number: count })}
          </Button>
        )}
      </div>
      <Field name="text" label={t('papers.prescription.text')} lines={3} maxLength={4000} />
    </>
  )
}
