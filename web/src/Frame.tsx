import { CircleUser, LogOut } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useRef, useSyncExternalStore } from 'react'
import { ToggleButton } from 'react-aria-components/ToggleButton'
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'react-router'
import { useMutation } from 'urql'
import { SignOut } from './features/auth/operations'
import { live, sessions } from './graphql/client'
import { patience } from './graphql/patience'
import { choose, LANGUAGES, type Language } from './i18n/i18n'
import { NewVersion } from './installed/NewVersion'
import { Navigation } from './Navigation'
import { useSession } from './session/context'
import { Boundary } from './ui/Boundary'
import { Button } from './ui/Button'
import { useArrival } from './useArrival'

const AdministratorNav = lazy(() => import('./features/administration/AdministratorNav'))
const DoctorNav = lazy(() => import('./features/requests/DoctorNav'))
const Standing = lazy(() => import('./features/profile/Standing'))

/** What is around every page. */
export function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  const session = useSession()
  const up = useSyncExternalStore(live.subscribe, () => live.up)
  const waits = useSyncExternalStore(patience.subscribe, () => patience.waits)
  const content = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  useArrival(content, session?.id ?? null)
  return (
    <>
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <header className="top">
        <Link to="/" className="brand">
          <img src="/icon.svg" alt="" width="32" height="32" />
          <span>{t('brand')}</span>
        </Link>
        <LanguageSwitch />
        {session && <Who name={session.name} />}
      </header>
      <Suspense>
        {session?.role === 'doctor' ? (
          <DoctorNav />
        ) : session?.role === 'administrator' ? (
          <AdministratorNav />
        ) : (
          <Navigation role={session ? 'patient' : 'nobody'} />
        )}
      </Suspense>
      <div role="status">
        {(waits || !up) && <p className="bulletin">{t(waits ? 'busy' : 'offline')}</p>}
      </div>
      <NewVersion />
      {session?.role === 'doctor' && (
        <Suspense>
          <Standing />
        </Suspense>
      )}
      <main id="content" ref={content} tabIndex={-1}>
        <Boundary place={pathname}>{children}</Boundary>
      </main>
    </>
  )
}

function LanguageSwitch() {
  const { t, i18n } = useTranslation()
  return (
    <ToggleButtonGroup
      aria-label={t('language')}
      className="languages"
      disallowEmptySelection
      selectedKeys={[i18n.language]}
      onSelectionChange={([language]) => void choose(language as Language)}
    >
      {LANGUAGES.map(language => (
        <ToggleButton key={language} id={language} className="language">
          {language.slice(0, 2).toUpperCase()}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  )
}

function Who({ name }: { name: string }) {
  const { t } = useTranslation()
  const [, signOut] = useMutation(SignOut)
  return (
    <div className="who">
      <Link to="/account" className="button quiet" aria-label={`${name}: ${t('account.title')}`}>
        <CircleUser size={18} aria-hidden />
        <span className="name">{name}</span>
      </Link>
      <Button
        kind="quiet"
        aria-label={t('signOut')}
        onPress={async () => {
          await signOut({})
          sessions.end()
        }}
      >
        <LogOut size={18} aria-hidden />
        <span className="wide">{t('signOut')}</span>
      </Button>
    </div>
  )
}
