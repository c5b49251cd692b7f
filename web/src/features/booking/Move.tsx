import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate, useParams } from 'react-router'
import { useMutation, useQuery } from 'urql'
import { unmask } from '../../gql'
import { day, hour } from '../../i18n/times'
import { NotFound } from '../../NotFound'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { byDay, later } from '../doctors/agenda'
import { DoctorCard, type Time } from '../doctors/operations'
import { useAgenda } from '../doctors/useAgenda'
import { AppointmentCard } from '../scheduling/operations'
import { said } from './Obstacle'
import { MoveVisit, type Obstacle, VisitToMove } from './operations'
import '../doctors/doctors.css'

const AHEAD = 28 // days

/** Another time for an appointment, with the same doctor. */
export default function Move() {
  const { appointmentId = '' } = useParams()
  const [{ data, error }] = useQuery({ query: VisitToMove, variables: { appointmentId } })
  if (!data) return error ? <NotFound /> : <Loading />
  if (!data.node || !('doctor' in data.node)) return <NotFound />
  const card = unmask(AppointmentCard, data.node)
  const doctor = unmask(DoctorCard, data.node.doctor)
  return <Times card={card} doctorId={doctor.id} />
}

interface Props {
  card: { id: string; version: number; startsAt: string; doctor: { name: string } }
  doctorId: string
}

function Times({ card, doctorId }: Props) {
  const { t, i18n } = useTranslation()
  const go = useNavigate()
  const [[from, to]] = useState(() => {
    const today = later(new Date(), 0)
    return [today, later(today, AHEAD)] as const
  })
  const { times, failed } = useAgenda(doctorId, from, to)
  const [chosen, setChosen] = useState<Time | null>(null)
  const [obstacle, setObstacle] = useState<Obstacle | null>(null)
  const [{ fetching, error }, move] = useMutation(MoveVisit)
  const words = (instant: string) =>
    `${day(instant, i18n.language)}, ${hour(instant, i18n.language)}`

  function choose(time: Time) {
    setObstacle(null)
    setChosen(time)
    scrollTo({ top: 0 })
  }

  async function confirm(time: Time) {
    const input = { appointmentId: card.id, slotId: time.id, expectedVersion: card.version }
    const { data } = await move({ input })
    const answer = data?.rescheduleAppointment
    if (!answer) return
    const [first] = answer.problems
    if (first) {
      setChosen(null)
      return setObstacle(first)
    }
    await go('/appointments')
  }

  return (
    <div className="page">
      <title>{t('own.moving.title')}</title>
      <Link to="/appointments">{t('appointments.title')}</Link>
      <h1>{t('own.moving.title')}</h1>
      <p>{t('own.moving.lead', { name: card.doctor.name, when: words(card.startsAt) })}</p>
      {(failed || error) && <Notice kind="bad">{t('failed')}</Notice>}
      {obstacle && <Notice kind="bad">{t(`booking.problems.${said(obstacle)}`)}</Notice>}
      {chosen && (
        <section className="card booking" aria-live="polite">
          <p>{t('own.moving.chosen', { when: words(chosen.startsAt) })}</p>
          <div className="pair">
            <Button onPress={() => confirm(chosen)} isPending={fetching}>
              {t('own.moving.submit')}
            </Button>
          </div>
        </section>
      )}
      {!times && !failed && <Loading />}
      {times?.length === 0 && <p className="empty">{t('own.moving.none')}</p>}
      <div className="days">
        {byDay(times ?? [], from, to)
          .filter(([, ofDay]) => ofDay.length > 0)
          .map(([date, ofDay]) => (
            <section key={date} className="of-day">
              <h2 className="first-up">{day(ofDay[0]?.startsAt ?? date, i18n.language)}</h2>
              <div className="times">
                {ofDay.map(time => (
                  <Button key={time.id} kind="quiet" onPress={() => choose(time)}>
                    {hour(time.startsAt, i18n.language)}
                  </Button>
                ))}
              </div>
            </section>
          ))}
      </div>
    </div>
  )
}
