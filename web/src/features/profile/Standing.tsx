import { ShieldAlert, ShieldQuestionMark } from 'lucide-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { day } from '../../i18n/times'
import { Standing as Query } from './operations'
import './profile.css'

const EVERY = 60_000 // milliseconds: the registry, or an administrator, may have decided

/** On every page of a doctor whom patients cannot find yet, or no more: why, and what is to be done. */
export default function Standing() {
  const { t, i18n } = useTranslation()
  const [{ data }, read] = useQuery({ query: Query, requestPolicy: 'cache-and-network' })
  const viewer = data?.viewer
  const registration = viewer && 'registration' in viewer ? viewer.registration : null
  const waits = registration !== null && registration?.status !== 'VERIFIED'

  useEffect(() => {
    if (!waits) return
    const asking = setInterval(() => read({ requestPolicy: 'network-only' }), EVERY)
    return () => clearInterval(asking)
  }, [waits, read])

  if (!registration || registration.status === 'VERIFIED') return null
  const { status, decisions } = registration
  const why = decisions.find(each => each.status === status)
  const Sign = status === 'PENDING' ? ShieldQuestionMark : ShieldAlert
  return (
    <aside className={`standing ${status}`} role="status">
      <Sign size={22} aria-hidden />
      <div>
        <p>
          <strong>{t(`standing.${status}.title`)}</strong>
        </p>
        {why && <p>{t('standing.why', { day: day(why.at, i18n.language), reason: why.reason })}</p>}
        <p>{t(`standing.${status}.lead`)}</p>
      </div>
    </aside>
  )
}
