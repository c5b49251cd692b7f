import { X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useQuery } from 'urql'
import { labelOf } from './cities'
import { FILTERS, without } from './filters'
import { Specialties } from './operations'
import { useCities } from './useCities'

/** What narrows the search, each to be taken away by itself. */
export function Chosen({ query, label }: { query: URLSearchParams; label: string }) {
  const { t } = useTranslation()
  const say = useWords(query)
  const given = FILTERS.filter(filter => query.get(filter))
  if (given.length === 0) return null
  return (
    <ul className="chosen" aria-label={label}>
      {given.map(filter => (
        <li key={filter}>
          <Link
            to={{ search: without(query, filter).toString() }}
            className="chip"
            aria-label={t('map.without', { filter: say(filter) })}
          >
            {say(filter)} <X size={16} aria-hidden />
          </Link>
        </li>
      ))}
    </ul>
  )
}

function useWords(query: URLSearchParams) {
  const { t, i18n } = useTranslation()
  const [{ data }] = useQuery({ query: Specialties })
  const { cities } = useCities(query.has('city'))
  const date = (given: string) =>
    new Date(`${given}T12:00`).toLocaleDateString(i18n.language, { dateStyle: 'medium' })
  return (filter: (typeof FILTERS)[number]): string => {
    const value = query.get(filter) ?? ''
    const city = cities?.find(({ id }) => id === value)
    switch (filter) {
      case 'specialty':
        return data?.specialties?.find(({ code }) => code === value)?.name ?? value
      case 'name':
        return t('map.named', { name: value })
      case 'city':
        return city ? labelOf(city) : value
      case 'at':
        return t('doctors.here')
      case 'km':
        return t('doctors.kilometres', { km: value })
      case 'rating':
        return t('map.stars', { stars: Number(value).toLocaleString(i18n.language) })
      case 'from':
        return t('map.from', { date: date(value) })
      case 'to':
        return t('map.to', { date: date(value) })
    }
  }
}
