import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { unmask } from '../../gql'
import { dayAndHour } from '../../i18n/times'
import { Notice } from '../../ui/Notice'
import { FreeTime } from '../doctors/operations'
import type { Obstacle } from './operations'

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

/** The key of its words. */
export const said = ({ code }: { code: string }) => SAID.find(each => each === code) ?? 'other'

/** What is in the way, and where to go from there. */
export function InTheWayOf({ obstacle, page }: { obstacle: Obstacle; page: string }) {
  const { t, i18n } = useTranslation()
  const others = 'alternatives' in obstacle ? unmask(FreeTime, obstacle.alternatives) : []
  return (
    <>
      <Notice kind="bad">{t(`booking.problems.${said(obstacle)}`)}</Notice>
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
