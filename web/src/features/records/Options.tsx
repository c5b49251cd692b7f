import type { ReactNode } from 'react'
import { Label } from 'react-aria-components/Label'
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup'

interface Props {
  label: string
  value: string
  onChange: (value: string) => void
  options: readonly { id: string; text: ReactNode }[]
}

/** One of a few, all in sight. */
export function Options({ label, value, onChange, options }: Props) {
  return (
    <RadioGroup value={value} onChange={onChange} className="field choices">
      <Label>{label}</Label>
      {options.map(({ id, text }) => (
        <Radio key={id} value={id} className="pick">
          {text}
        </Radio>
      ))}
    </RadioGroup>
  )
}
