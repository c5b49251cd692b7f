import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { NavLink } from 'react-router'
import { useSession } from '../../session/context'
import './account.css'

interface Props {
  title: string
  children: ReactNode
}

/** What the pages of one's own account have alike. */
export function AccountPage({ title, children }: Props) {
  const { t } = useTranslation()
  const role = useSession()?.role // an administrator has no profile
  return (
    <div className="page own-account">
      <title>{`${title} · ${t('account.title')}`}</title>
      <h1>{t('account.title')}</h1>
      <nav className="tabs" aria-label={t('account.title')}>
        {role !== 'administrator' && (
          <NavLink to="/account" end className="tab">
            {t('profile.title')}
          </NavLink>
        )}
        <NavLink to="/account/security" className="tab">
          {t('account.security')}
        </NavLink>
      </nav>
      {children}
    </div>
  )
}
