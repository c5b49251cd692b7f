import { ChevronDown } from 'lucide-react'
import { Button } from 'react-aria-components/Button'
import { FieldError } from 'react-aria-components/FieldError'
import { Label } from 'react-aria-components/Label'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'
import { Select, SelectValue } from 'react-aria-components/Select'

interface Props {
  label: string
  name: string
  options: readonly string[]
  first: string
  /** An option in words; as it is, if it is left out. */
  say?: (option: string) => string
  onChange?: () => void
}

/** One of several. */
export function Choice({ label, name, options, first, say = String, onChange }: Props) {
  return (
    <Select name={name} defaultValue={first} onChange={onChange} className="field">
      <Label>{label}</Label>
      <Button className="choice">
        <SelectValue />
        <ChevronDown size={18} aria-hidden />
      </Button>
      <FieldError className="wrong" />
      <Popover className="popover">
        <ListBox className="options">
          {options.map(option => (
            <ListBoxItem key={option} id={option} className="option">
              {say(option)}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  )
}
