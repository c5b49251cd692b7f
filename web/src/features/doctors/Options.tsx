import { useState } from 'react'
import { ComboBox } from 'react-aria-components/ComboBox'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'
import { ComboInput } from './ComboInput'

type Option = readonly [id: string, text: string]

interface Props {
  label: string
  name: string
  /** What is sent, and what is read; none while they are on their way. */
  options: readonly Option[]
  first: string | null
  placeholder: string
}

/** One of many, found by typing some of it, with accents or without. What is typed before the list
 * has come, or instead of choosing from it, counts if it names one. */
export function Options({ label, name, options, first, placeholder }: Props) {
  const [chosen, setChosen] = useState(first)
  const [typed, setTyped] = useState<string | null>(null) // null: the name of what is chosen
  const text = typed ?? options.find(([id]) => id === chosen)?.[1] ?? ''
  const named = chosen ?? options.find(option => isCalled(option, text))?.[0] ?? null

  function type(given: string) {
    setTyped(given)
    if (chosen && !options.some(option => option[0] === chosen && isCalled(option, given))) {
      setChosen(null)
    }
  }

  function choose(id: string | null) {
    setChosen(id)
    if (id) setTyped(null)
  }

  function leave() {
    if (named) choose(named)
    else if (options.length > 0) setTyped('')
  }

  return (
    <ComboBox
      className="field"
      inputValue={text}
      onInputChange={type}
      selectedKey={chosen}
      onSelectionChange={key => choose(key === null ? null : String(key))}
      onBlur={leave}
      allowsCustomValue // else what is typed were gone whenever the list closes
    >
      <input type="hidden" name={name} value={named ?? ''} />
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

const isCalled = ([, text]: Option, given: string) =>
  text.localeCompare(given.trim(), undefined, { sensitivity: 'base' }) === 0
