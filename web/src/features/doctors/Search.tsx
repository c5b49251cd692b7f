import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { Found } from './Found'
import { asked } from './filters'
import { SearchForm } from './SearchForm'
import './doctors.css'

export default function Search() {
  const { t } = useTranslation()
  const [query, setQuery] = useSearchParams()
  const search = useMemo(() => asked(query), [query])
  const address = query.toString()
  return (
    <div className="page">
      <title>{t('doctors.title')}</title>
      <h1>{t('doctors.title')}</h1>
      <SearchForm key={`form ${address}`} query={query} onSearch={setQuery} />
      <section aria-label={t('doctors.found')}>
        <Found key={address} search={search} />
      </section>
    </div>
  )
}
