import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { unmask } from '../../gql'
import { dayAndHour } from '../../i18n/times'
import { Notice } from '../../ui/Notice'
import { FreeTime } from '../doctors/operations'
import type { Obstacle } from './useHold'

const SAID = [
  'SLOT_TAKEN',
  'SLOT_IN_PAST',
  'PATIENT_BUSY',
  'LIMIT_REACHED',
  'NOT_FOUND',
  'WRONG_STATUS',
  'CONSENT_REQUIRED',
  'TOO_LATE',
  'VERSION_CONFLICT',
] as const

/** What is in the way, and where to go from there. */
export function InTheWayOf({ obstacle, page }: { obstacle: Obstacle; page: string }) {
  const { t, i18n } = useTranslation()
  const known = SAID.find(code => code === obstacle.code) ?? 'other'
  const others = 'alternatives' in obstacle ? unmask(FreeTime, obstacle.alternatives) : []
  return (
    <>
      <Notice kind="bad">{t(`booking.problems.${known}`)}</Notice>
      {others.length > 0 && (
        <section aria-labelledby="others">
          <h2 id="others">{t('booking.others')}</h2>
          <ul className="times">
            {others.map(({ id, startsAt }) => (
              <li key={id}>
                <Link to={`${page}/times/${id}`} className="time" replace>
                  {dayAndHour(startsAt, i18n.language)}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Link to={page}>{t('booking.allTimes')}</Link>
    </>
  )
}
