import { X } from 'lucide-react'
import { useState } from 'react'
import { ComboBox } from 'react-aria-components/ComboBox'
import { FieldError } from 'react-aria-components/FieldError'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'
import { Text } from 'react-aria-components/Text'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { ComboInput } from '../doctors/ComboInput'
import { Specialties } from '../doctors/operations'
import { MOST, type Practised } from './practised'

interface Props {
  practised: readonly Practised[]
  onChange: (practised: readonly Practised[]) => void
}

/** Specialties, each chosen from the list and with its RQE, if there is one. */
export function SpecialtiesField({ practised, onChange }: Props) {
  const { t } = useTranslation()
  const [{ data }] = useQuery({ query: Specialties })
  const [typed, setTyped] = useState('')
  const all = data?.specialties ?? []
  const nameOf = (code: string) => all.find(each => each.code === code)?.name ?? code
  const left = all.filter(({ code }) => practised.every(each => each.code !== code))

  function add(code: string) {
    onChange([...practised, { code, rqe: '' }])
    setTyped('')
  }

  return (
    <fieldset className="practised">
      <legend>{t('profile.specialties')}</legend>
      {practised.length > 0 && (
        <ul>
          {practised.map(({ code, rqe }) => (
            <li key={code}>
              <Field
                name={`rqe.${code}`}
                label={t('profile.rqe', { specialty: nameOf(code) })}
                inputMode="numeric"
                value={rqe}
                onChange={typed =>
                  onChange(
                    practised.map(each => (each.code === code ? { code, rqe: typed } : each)),
                  )
                }
              />
              <Button
                kind="quiet"
                aria-label={t('profile.without', { specialty: nameOf(code) })}
                onPress={() => onChange(practised.filter(each => each.code !== code))}
              >
                <X size={18} aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      )}
      {practised.length < MOST && (
        <ComboBox
          name="specialties"
          className="field"
          items={left}
          inputValue={typed}
          onInputChange={setTyped}
          selectedKey={null}
          onSelectionChange={key => key !== null && add(String(key))}
          menuTrigger="focus"
        >
          <ComboInput
            label={t('profile.addSpecialty')}
            placeholder={t('profile.specialtyExample')}
          />
          <Text slot="description" className="hint">
            {t('profile.rqeHint')}
          </Text>
          <FieldError className="wrong" />
          <Popover className="popover">
            <ListBox<(typeof left)[number]> className="options">
              {({ code, name }) => (
                <ListBoxItem id={code} textValue={name} className="option">
                  {name}
                </ListBoxItem>
              )}
            </ListBox>
          </Popover>
        </ComboBox>
      )}
    </fieldset>
  )
}
