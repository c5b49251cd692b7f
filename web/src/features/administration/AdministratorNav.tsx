import { useTranslation } from 'react-i18next'
import { NavLink } from 'react-router'
import './words'

const PAGES = ['registrations', 'partners', 'emergencies', 'audit'] as const

export default function AdministratorNav() {
  const { t } = useTranslation()
  return (
    <nav className="pages" aria-label={t('administration.pages.label')}>
      {PAGES.map(page => (
        <NavLink key={page} to={`/admin/${page}`}>
          {t(`administration.pages.${page}`)}
        </NavLink>
      ))}
    </nav>
  )
}
