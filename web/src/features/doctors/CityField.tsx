import { ChevronDown } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Button } from 'react-aria-components/Button'
import { ComboBox } from 'react-aria-components/ComboBox'
import { Input } from 'react-aria-components/Input'
import { Label } from 'react-aria-components/Label'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'
import { useTranslation } from 'react-i18next'
import { type City, labelOf, meant, suggested } from './cities'
import { useCities } from './useCities'

interface Props {
  first: City | null
}

/** A municipality, found by typing some of its name. */
export function CityField({ first }: Props) {
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
    if (chosen && text !== labelOf(chosen)) setChosen(null)
  }

  function choose(city: City | null) {
    setChosen(city)
    if (city) setTyped(labelOf(city))
  }

  function leave() {
    choose(named)
    if (!named) setTyped('')
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
      <Label>{t('doctors.city')}</Label>
      <input type="hidden" name="city" value={named?.id ?? ''} />
      <div className="combo">
        <Input placeholder={t('doctors.anywhere')} />
        <Button aria-label={t('doctors.openList')}>
          <ChevronDown size={18} aria-hidden />
        </Button>
      </div>
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
