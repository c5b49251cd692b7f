import { ComboBox } from 'react-aria-components/ComboBox'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'
import { ComboInput } from './ComboInput'

interface Props {
  label: string
  name: string
  /** What is sent, and what is read. */
  options: readonly (readonly [id: string, text: string])[]
  first: string | null
  placeholder: string
}

/** One of many, found by typing some of it, with accents or without. */
export function Options({ label, name, options, first, placeholder }: Props) {
  return (
    <ComboBox name={name} formValue="key" defaultSelectedKey={first} className="field">
      <ComboInput label={label} placeholder={placeholder} />
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
