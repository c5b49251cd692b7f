import { useMemo, useState } from 'react'
import { ComboBox } from 'react-aria-components/ComboBox'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'
import { useTranslation } from 'react-i18next'
import { ComboInput } from './ComboInput'
import { type City, labelOf, meant, suggested } from './cities'
import { useCities } from './useCities'

interface Props {
  first: City | null
  placeholder?: string
  /** Once another is chosen, or none. */
  onChange?: () => void
}

/** A municipality, found by typing some of its name. */
export function CityField({ first, placeholder, onChange }: Props) {
  const { t } = useTranslation()
  const [chosen, setChosen] = useState(first)
  const [typed, setTyped] = useState(first ? labelOf(first) : '')
  const [wanted, setWanted] = useState(false)
  const { cities, failed } = useCities(wanted)
  const offered = useMemo(() => {
    const all = cities ?? []
    if (!chosen || typed !== labelOf(chosen)) return suggested(all, typed)
    return [chosen, ...suggested(all, '').filter(({ id }) => id !== chosen.id)]
  }, [cities, chosen, typed])

  const named = chosen ?? meant(cities ?? [], typed)

  function type(text: string) {
    setTyped(text)
    if (chosen && text !== labelOf(chosen)) choose(null)
  }

  function choose(city: City | null) {
    if (city?.id !== chosen?.id) onChange?.()
    setChosen(city)
    if (city) setTyped(labelOf(city))
  }

  function leave() {
    choose(named)
    if (!named && cities) setTyped('') // what is typed before the list has come may name one
  }

  return (
    <ComboBox
      className="field"
      items={offered}
      inputValue={typed}
      onInputChange={type}
      selectedKey={chosen?.id ?? null}
      onSelectionChange={key => choose(offered.find(({ id }) => id === key) ?? null)}
      onFocus={() => setWanted(true)}
      onBlur={leave}
      allowsCustomValue // else what is typed were gone whenever the list closes, as by scrolling
      allowsEmptyCollection
    >
      <input type="hidden" name="city" value={named?.id ?? ''} />
      <ComboInput label={t('doctors.city')} placeholder={placeholder ?? t('doctors.anywhere')} />
      <Popover className="popover">
        <ListBox<City>
          className="options"
          renderEmptyState={() => (
            <p className="option quiet">
              {t(failed ? 'failed' : cities ? 'doctors.noCity' : 'loading')}
            </p>
          )}
        >
          {city => (
            <ListBoxItem id={city.id} textValue={labelOf(city)} className="option">
              {city.name} <span className="quiet">— {city.uf}</span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  )
}
