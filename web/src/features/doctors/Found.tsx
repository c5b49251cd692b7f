import { MapPin } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import { dayAndHour } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import type { asked } from './filters'
import { type Card, DoctorCard, FindDoctors, FreeTime, pageOf } from './operations'
import { Practises } from './Practises'
import { Rated } from './Rated'

interface Props {
  search: ReturnType<typeof asked>
  after?: string
}

/** One page of the doctors found; and the next one, once somebody wants it. */
export function Found({ search, after }: Props) {
  const { t } = useTranslation()
  const [more, setMore] = useState(false)
  const [{ data, error }, reload] = useQuery({
    query: FindDoctors,
    variables: { ...search, after: after ?? null },
    requestPolicy: 'cache-and-network',
  })
  const doctors = data?.doctors
  if (!doctors) {
    if (!error) return <Loading />
    return (
      <>
        <Notice kind="bad">{t('failed')}</Notice>
        <Button onPress={() => reload({ requestPolicy: 'network-only' })}>{t('tryAgain')}</Button>
      </>
    )
  }
  if (doctors.edges.length === 0) {
    return (
      <p className="empty" role="status">
        {t('doctors.none')}
      </p>
    )
  }
  const next = doctors.pageInfo.hasNextPage ? doctors.pageInfo.endCursor : null
  return (
    <>
      <ul className="cards">
        {doctors.edges.map(({ node, distanceKm }) => {
          const doctor = unmask(DoctorCard, node)
          return (
            <li key={doctor.id}>
              <FoundDoctor doctor={doctor} distanceKm={distanceKm ?? null} />
            </li>
          )
        })}
      </ul>
      {next && more && <Found search={search} after={next} />}
      {next && !more && (
        <Button kind="quiet" onPress={() => setMore(true)}>
          {t('doctors.more')}
        </Button>
      )}
    </>
  )
}

function FoundDoctor({ doctor, distanceKm }: { doctor: Card; distanceKm: number | null }) {
  const { t, i18n } = useTranslation()
  const times = unmask(FreeTime, doctor.nextSlots)
  const kilometres = distanceKm?.toLocaleString(i18n.language, { maximumFractionDigits: 1 })
  return (
    <article className="card doctor" aria-labelledby={doctor.id}>
      <div className="about">
        <h2 id={doctor.id}>
          <Link to={pageOf(doctor)}>{doctor.name}</Link>
        </h2>
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
