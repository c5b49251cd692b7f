import { Star } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Card } from './operations'

export function Rated({ rating }: { rating: Card['rating'] }) {
  const { t, i18n } = useTranslation()
  if (rating.count === 0) return <span className="quiet">{t('doctors.unrated')}</span>
  const count = t('doctors.reviews.count', { count: rating.count })
  if (rating.average === null || rating.average === undefined) {
    return <span className="quiet">{count}</span>
  }
  const average = rating.average.toLocaleString(i18n.language, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  })
  return (
    <span className="rated">
      <Star size={16} aria-hidden className="star" />
      <strong>{t('doctors.stars', { average })}</strong>
      <span className="quiet">({count})</span>
    </span>
  )
}
