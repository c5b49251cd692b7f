import { ChevronDown } from 'lucide-react'
import { Button } from 'react-aria-components/Button'
import { ComboBox } from 'react-aria-components/ComboBox'
import { Input } from 'react-aria-components/Input'
import { Label } from 'react-aria-components/Label'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'

interface Props {
  label: string
  name: string
  /** What is sent, and what is read. */
  options: readonly (readonly [id: string, text: string])[]
  first: string | null
  placeholder?: string
  open: string
}

/** One of many, found by typing some of it, with accents or without. */
export function Options({ label, name, options, first, placeholder, open }: Props) {
  return (
    <ComboBox name={name} formValue="key" defaultSelectedKey={first} className="field">
      <Label>{label}</Label>
      <div className="combo">
        <Input placeholder={placeholder} />
        <Button aria-label={open}>
          <ChevronDown size={18} aria-hidden />
        </Button>
      </div>
      <Popover className="popover">
        <ListBox className="options">
          {options.map(([id, text]) => (
            <ListBoxItem key={id} id={id} className="option">
              {text}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </ComboBox>
  )
}
