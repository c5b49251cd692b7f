import { useTranslation } from 'react-i18next'
import type { Card } from './operations'

/** What the doctor practises; where "specialist" may be said, with the RQE that allows it. */
export function Practises({ doctor }: { doctor: Card }) {
  const { t } = useTranslation()
  const marks = new Map(doctor.specialistIn.map(({ specialty, rqe }) => [specialty.code, rqe]))
  return (
    <ul className="practises">
      {doctor.specialties.map(({ code, name }) => (
        <li key={code}>
          {name}
          {marks.get(code) && (
            <span className="badge CONFIRMED">
              {t('doctors.specialist', { rqe: marks.get(code) ?? '' })}
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}
