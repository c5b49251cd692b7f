import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import { day, hour, ownZone, sameClock, zoneName } from '../../i18n/times'
import { NotFound } from '../../NotFound'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { DoctorCard, FreeTime, pageOf } from '../doctors/operations'
import { AskInPerson } from '../inPerson/AskInPerson'
import { clock, useSecondsUntil } from './countdown'
import { InTheWayOf } from './Obstacle'
import { ChosenTime } from './operations'
import { RequestForm } from './RequestForm'
import { useHold } from './useHold'
import '../doctors/doctors.css'

/** A time that was chosen: it is kept while the patient says what it is for. */
export default function Booking() {
  const { slotId = '' } = useParams()
  return <Chosen key={slotId} slotId={slotId} />
}

function Chosen({ slotId }: { slotId: string }) {
  const { t, i18n } = useTranslation()
  const [{ data, error }] = useQuery({
    query: ChosenTime,
    variables: { slotId, language: i18n.language },
  })
  const { expiresAt, obstacle, failed, again } = useHold(slotId)
  if (!data) return error ? <Failed onAgain={again} /> : <Loading />
  if (!data.node || !('doctor' in data.node)) return <NotFound />
  const doctor = unmask(DoctorCard, data.node.doctor)
  const { startsAt } = unmask(FreeTime, data.node)
  const page = pageOf(doctor)
  return (
    <div className="page">
      <title>{t('booking.title')}</title>
      <Link to={page}>{t('booking.back', { name: doctor.name })}</Link>
      <h1>{t('booking.title')}</h1>
      <section className="card booking">
        <h2>{doctor.name}</h2>
        <p className="quiet">{doctor.specialties.map(({ name }) => name).join(', ')}</p>
        <p className="first-up">
          <strong>
            {day(startsAt, i18n.language)}, {hour(startsAt, i18n.language)}
          </strong>
        </p>
        {!sameClock(startsAt, doctor.timeZone, ownZone()) && (
          <p className="quiet">
            {t('appointments.atDoctors', {
              time: hour(startsAt, i18n.language, doctor.timeZone),
              zone: zoneName(startsAt, i18n.language, doctor.timeZone),
            })}
          </p>
        )}
        {failed && <Failed onAgain={again} />}
        {obstacle && <InTheWayOf obstacle={obstacle} page={page} />}
        {!failed && !obstacle && !expiresAt && <Loading />}
        {expiresAt && (
          <Kept expiresAt={expiresAt} onAgain={again}>
            <RequestForm slotId={slotId} page={page} consentText={data.consentText ?? null} />
          </Kept>
        )}
      </section>
      <AskInPerson doctorId={doctor.id} name={doctor.name} />
    </div>
  )
}

function Failed({ onAgain }: { onAgain: () => void }) {
  const { t } = useTranslation()
  return (
    <>
      <Notice kind="bad">{t('failed')}</Notice>
      <Button onPress={onAgain}>{t('tryAgain')}</Button>
    </>
  )
}

interface KeptProps {
  expiresAt: string
  onAgain: () => void
  children: React.ReactNode
}

/** What can be done for as long as the time is kept. */
function Kept({ expiresAt, onAgain, children }: KeptProps) {
  const { t } = useTranslation()
  const seconds = useSecondsUntil(expiresAt)
  if (seconds === 0) {
    return (
      <>
        <Notice kind="bad">{t('booking.lapsed')}</Notice>
        <Button onPress={onAgain}>{t('booking.again')}</Button>
      </>
    )
  }
  return (
    <>
      <p className="notice" role="timer">
        {t('booking.kept', { left: clock(seconds) })}
      </p>
      {children}
    </>
  )
}
