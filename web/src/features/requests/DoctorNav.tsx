import { useTranslation } from 'react-i18next'
import { NavLink } from 'react-router'
import { chime } from './chime'
import { useRequests } from './useRequests'
import './requests.css'

/** A doctor's pages; wherever he is he hears of a request, and sees how many wait. */
export default function DoctorNav() {
  const { t } = useTranslation()
  const { requests } = useRequests(chime.ring)
  const waiting = requests?.length ?? 0
  return (
    <nav className="pages" aria-label={t('requests.pages')}>
      <NavLink to="/day">{t('day.title')}</NavLink>
      <NavLink to="/requests">
        {t('requests.heading')}
        {waiting > 0 && (
          <span className="count" role="status">
            {waiting}
            <span className="unseen"> {t('requests.waiting')}</span>
          </span>
        )}
      </NavLink>
      <NavLink to="/agenda">{t('agenda.title')}</NavLink>
      <NavLink to="/patients">{t('pages.patients')}</NavLink>
      <NavLink to="/papers">{t('pages.papers')}</NavLink>
      <NavLink to="/figures">{t('figures.title')}</NavLink>
      <NavLink to="/appointments">{t('requests.all')}</NavLink>
    </nav>
  )
}
