import { MapPin } from 'lucide-react'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { unmask } from '../../gql'
import { dayAndHour } from '../../i18n/times'
import { FreeTime, pageOf } from './operations'
import { Practises } from './Practises'
import { Rated } from './Rated'
import type { Hit } from './useFound'

export function FoundDoctor({ hit: { doctor, distanceKm } }: { hit: Hit }) {
  const { t, i18n } = useTranslation()
  const name = useId()
  const times = unmask(FreeTime, doctor.nextSlots)
  const kilometres = distanceKm?.toLocaleString(i18n.language, { maximumFractionDigits: 1 })
  return (
    <article className="card doctor" aria-labelledby={name}>
      <div className="about">
        <h3 id={name}>
          <Link to={pageOf(doctor)}>{doctor.name}</Link>
        </h3>
        <Practises doctor={doctor} />
        <p>
          <Rated rating={doctor.rating} />
        </p>
        <p className="quiet where">
          <MapPin size={16} aria-hidden />
          {doctor.city ?? doctor.uf}
          {kilometres && ` · ${t('doctors.distance', { kilometres })}`}
        </p>
      </div>
      <div className="next-times">
        <p className="quiet">{t(times.length ? 'doctors.nextTimes' : 'doctors.noTimes')}</p>
        <ul className="times">
          {times.map(({ id, startsAt }) => (
            <li key={id}>
              <Link to={`${pageOf(doctor)}/times/${id}`} className="time">
                {dayAndHour(startsAt, i18n.language)}
              </Link>
            </li>
          ))}
        </ul>
      </div>
    </article>
  )
}
