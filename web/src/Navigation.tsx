import { useTranslation } from 'react-i18next'
import { NavLink } from 'react-router'

const PAGES = {
  nobody: ['doctors'],
  patient: ['doctors', 'appointments', 'record', 'exports'],
} as const

/** To the pages of whoever is here. */
export function Navigation({ role }: { role: keyof typeof PAGES }) {
  const { t } = useTranslation()
  return (
    <nav className="pages" aria-label={t('pages.label')}>
      {PAGES[role].map(page => (
        <NavLink key={page} to={`/${page}`}>
          {t(`pages.${page}`)}
        </NavLink>
      ))}
      {role === 'nobody' && <NavLink to="/appointments">{t('signIn.title')}</NavLink>}
    </nav>
  )
}
