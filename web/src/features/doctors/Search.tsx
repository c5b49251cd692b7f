import { useEffect, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { Found } from './Found'
import { asked, FILTERS, written } from './filters'
import { SearchForm } from './SearchForm'
import { useCities } from './useCities'
import './doctors.css'

export default function Search() {
  const { t } = useTranslation()
  const [query, setQuery] = useSearchParams()
  const results = useRef<HTMLElement>(null)
  const named = query.has('city')
  const { cities, failed } = useCities(named)
  const search = useMemo(() => asked(query, cities), [query, cities])
  const filters = FILTERS.map(filter => query.get(filter)).join('\n')
  const ready = !named || cities !== null
  const city = cities?.find(({ id }) => id === query.get('city')) ?? null

  const key = `${filters} ${search.orderBy}`
  const shown = useRef(key)

  // What was pressed to change the search goes with its results; the focus goes to the new ones.
  useEffect(() => {
    if (shown.current !== key && document.activeElement === document.body) {
      results.current?.focus({ preventScroll: true })
    }
    shown.current = key
  }, [key])

  function seek(given: Iterable<[string, FormDataEntryValue]>) {
    setQuery(written(given, query))
    results.current?.focus()
  }

  function show(changed: Record<string, string>) {
    setQuery(known => written(Object.entries({ ...Object.fromEntries(known), ...changed })), {
      replace: true,
    })
  }

  return (
    <div className="page search-page">
      <title>{t('doctors.title')}</title>
      <h1>{t('doctors.title')}</h1>
      <SearchForm key={`form ${ready} ${filters}`} query={query} city={city} onSearch={seek} />
      <section ref={results} tabIndex={-1} className="results" aria-label={t('doctors.found')}>
        {ready && <Found key={key} search={search} query={query} onShow={show} />}
        {!ready && (failed ? <Notice kind="bad">{t('failed')}</Notice> : <Loading />)}
      </section>
    </div>
  )
}
