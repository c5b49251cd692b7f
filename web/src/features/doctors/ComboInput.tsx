import { ChevronDown } from 'lucide-react'
import { Button } from 'react-aria-components/Button'
import { Input } from 'react-aria-components/Input'
import { Label } from 'react-aria-components/Label'
import { useTranslation } from 'react-i18next'

interface Props {
  label: string
  placeholder: string
}

/** Of a ComboBox, what is seen of it while its list is closed. */
export function ComboInput({ label, placeholder }: Props) {
  const { t } = useTranslation()
  return (
    <>
      <Label>{label}</Label>
      <div className="combo">
        <Input placeholder={placeholder} />
        <Button aria-label={t('doctors.openList')}>
          <ChevronDown size={18} aria-hidden />
        </Button>
      </div>
    </>
  )
}
