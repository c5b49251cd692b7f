import { MapPin } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import type { Uf } from '../../gql/graphql'
import { NotFound } from '../../NotFound'
import { useSession } from '../../session/context'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { AskInPerson } from '../inPerson/AskInPerson'
import { Agenda } from './Agenda'
import { DoctorByRegistration, DoctorCard } from './operations'
import { Practises } from './Practises'
import { Rated } from './Rated'
import { Reviews } from './Reviews'
import './doctors.css'

/** A doctor's page, by the registration. */
export default function Profile() {
  const { t } = useTranslation()
  const session = useSession()
  const { registration = '' } = useParams()
  const [crm = '', uf = ''] = registration.split('-')
  const [{ data, error }, reload] = useQuery({
    query: DoctorByRegistration,
    variables: { crm, uf: uf as Uf },
  })
  const doctor = unmask(DoctorCard, data?.doctor)
  if (error && !error.networkError) return <NotFound />
  if (error) {
    return (
      <div className="page">
        <Notice kind="bad">{t('failed')}</Notice>
        <Button onPress={() => reload({ requestPolicy: 'network-only' })}>{t('tryAgain')}</Button>
      </div>
    )
  }
  if (!data) return <Loading />
  if (!doctor) return <NotFound />
  return (
    <div className="page">
      <title>{doctor.name}</title>
      <Link to="/doctors">{t('doctors.title')}</Link>
      <section className="card profile">
        <h1>{doctor.name}</h1>
        <p className="quiet">{t('doctors.crm', { crm: doctor.crm, uf: doctor.uf })}</p>
        <Practises doctor={doctor} />
        <p>
          <Rated rating={doctor.rating} />
        </p>
        {doctor.city && (
          <p className="quiet where">
            <MapPin size={16} aria-hidden /> {doctor.city}
          </p>
        )}
      </section>
      <Agenda doctor={doctor} />
      {session?.role === 'patient' && <AskInPerson doctorId={doctor.id} name={doctor.name} />}
      <section aria-labelledby="reviews">
        <h2 id="reviews">{t('doctors.reviews.title')}</h2>
        <Reviews doctorId={doctor.id} />
      </section>
    </div>
  )
}
