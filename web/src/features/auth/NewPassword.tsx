import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import { FieldError } from 'react-aria-components/FieldError'
import { Input } from 'react-aria-components/Input'
import { Label } from 'react-aria-components/Label'
import { Text } from 'react-aria-components/Text'
import { TextField } from 'react-aria-components/TextField'
import { ToggleButton } from 'react-aria-components/ToggleButton'
import { useTranslation } from 'react-i18next'

export const SHORTEST = 8
export const LONGEST = 128 // characters (domain/accounts.py)

interface Props {
  name: string
  label: string
}

/** A password that is chosen: what it still lacks is said as it is typed, and it may be looked at. */
export function NewPassword({ name, label }: Props) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const [seen, setSeen] = useState(false)
  const length = [...typed].length

  function lacking(): string {
    if (length === 0) return t('accounts.password')
    if (length < SHORTEST) return t('accounts.more', { count: SHORTEST - length })
    if (length > LONGEST) return t('accounts.less', { count: length - LONGEST })
    return t('accounts.enough')
  }

  return (
    <TextField
      name={name}
      type={seen ? 'text' : 'password'}
      autoComplete="new-password"
      value={typed}
      onChange={setTyped}
      validate={() => (length < SHORTEST || length > LONGEST ? lacking() : null)}
      isRequired
      className="field"
    >
      <Label>{label}</Label>
      <div className="combo">
        <Input spellCheck="false" autoCapitalize="none" />
        <ToggleButton
          isSelected={seen}
          onChange={setSeen}
          aria-label={t('accounts.seePassword')}
          className="button quiet"
        >
          {seen ? <EyeOff size={18} aria-hidden /> : <Eye size={18} aria-hidden />}
        </ToggleButton>
      </div>
      <Text slot="description" className="hint">
        {lacking()}
      </Text>
      <FieldError className="wrong" />
    </TextField>
  )
}
