import { LocateFixed, Search } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { CityField } from './CityField'
import type { City } from './cities'
import { roughly } from './filters'
import { Options } from './Options'
import { Specialties } from './operations'

interface Props {
  query: URLSearchParams
  city: City | null
  onSearch: (given: Iterable<[string, FormDataEntryValue]>) => void
}

export function SearchForm({ query, city, onSearch }: Props) {
  const { t } = useTranslation()
  const [{ data }] = useQuery({ query: Specialties })
  const [at, setAt] = useState(query.get('at') ?? '')
  const [place, setPlace] = useState<'' | 'locating' | 'unlocated'>('')
  const specialties = (data?.specialties ?? []).map(({ code, name }) => [code, name] as const)

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    onSearch(new FormData(event.currentTarget))
  }

  function locate() {
    setPlace('locating')
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setAt(roughly(coords))
        setPlace('')
      },
      () => setPlace('unlocated'),
      { maximumAge: 600_000, timeout: 15_000 },
    )
  }

  return (
    <Form onSubmit={submit} className="card search" role="search" aria-label={t('doctors.title')}>
      <Options
        name="specialty"
        label={t('doctors.specialty')}
        options={specialties}
        first={query.get('specialty')}
        placeholder={t('doctors.any')}
      />
      <Field
        name="name"
        label={t('doctors.name')}
        defaultValue={query.get('name') ?? ''}
        maxLength={200}
      />
      <div className="place">
        {at ? (
          <>
            <input type="hidden" name="at" value={at} />
            <p className="here">{t('doctors.here')}</p>
            <Button kind="quiet" onPress={() => setAt('')}>
              {t('doctors.otherPlace')}
            </Button>
          </>
        ) : (
          <>
            <CityField first={city} />
            <Button kind="quiet" onPress={locate} isPending={place === 'locating'}>
              <LocateFixed size={18} aria-hidden /> {t('doctors.locate')}
            </Button>
          </>
        )}
      </div>
      {place === 'unlocated' && <Notice kind="bad">{t('doctors.unlocated')}</Notice>}
      <details className="refine">
        <summary>{t('doctors.refine')}</summary>
        <div className="refinements">
          <Pick name="km" label={t('doctors.within')} first={query.get('km')}>
            <option value="">{t('doctors.anyDistance')}</option>
            {['5', '10', '25', '50', '100'].map(km => (
              <option key={km} value={km}>
                {t('doctors.kilometres', { km })}
              </option>
            ))}
          </Pick>
          <Pick name="rating" label={t('doctors.rating')} first={query.get('rating')}>
            <option value="">{t('doctors.anyRating')}</option>
            {['3', '4', '4.5'].map(stars => (
              <option key={stars} value={stars}>
                {t('doctors.atLeast', { stars })}
              </option>
            ))}
          </Pick>
          <Field
            name="from"
            type="date"
            label={t('doctors.from')}
            defaultValue={query.get('from') ?? ''}
          />
          <Field
            name="to"
            type="date"
            label={t('doctors.to')}
            defaultValue={query.get('to') ?? ''}
          />
        </div>
      </details>
      <Button type="submit">
        <Search size={18} aria-hidden /> {t('doctors.search')}
      </Button>
    </Form>
  )
}

interface PickProps {
  name: string
  label: string
  first: string | null
  children: React.ReactNode
}

/** One of few. */
function Pick({ name, label, first, children }: PickProps) {
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      <select id={name} name={name} defaultValue={first ?? ''} className="choice">
        {children}
      </select>
    </div>
  )
}
