import { FieldError } from 'react-aria-components/FieldError'
import { Input } from 'react-aria-components/Input'
import { Label } from 'react-aria-components/Label'
import { Text } from 'react-aria-components/Text'
import { TextArea } from 'react-aria-components/TextArea'
import { TextField, type TextFieldProps } from 'react-aria-components/TextField'

interface Props extends Omit<TextFieldProps, 'children'> {
  label: string
  hint?: string
  lines?: number
  placeholder?: string
}

/** A labelled input, with its hint and what is wrong with it. */
export function Field({ label, hint, lines, placeholder, ...props }: Props) {
  return (
    <TextField {...props} className="field">
      <Label>{label}</Label>
      {lines ? <TextArea rows={lines} /> : <Input placeholder={placeholder} />}
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="wrong" />
    </TextField>
  )
}
