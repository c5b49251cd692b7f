import { lazy, StrictMode, Suspense } from 'react'
import { I18nProvider } from 'react-aria-components/I18nProvider'
import { createRoot } from 'react-dom/client'
import { useTranslation } from 'react-i18next'
import { BrowserRouter, Navigate, Route, Routes } from 'react-router'
import { Frame } from './Frame'
import { sessions } from './graphql/client'
import { begin } from './i18n/i18n'
import { NotFound } from './NotFound'
import { SessionProvider, useSession } from './session/context'
import { Loading } from './ui/Loading'
import './styles/base.css'
import './styles/controls.css'
import './styles/pages.css'

const SignIn = lazy(() => import('./features/auth/SignIn'))
const Appointments = lazy(() => import('./features/scheduling/Appointments'))
const Agenda = lazy(() => import('./features/agenda/Agenda'))
const Publish = lazy(() => import('./features/agenda/Publish'))
const Today = lazy(() => import('./features/agenda/Today'))
const Incoming = lazy(() => import('./features/requests/Incoming'))
const Account = lazy(() => import('./features/account/Account'))
const Room = lazy(() => import('./features/consultations/Room'))

/** Where somebody must sign in he does so in place, and then is where he wanted to be. */
function Pages() {
  const { i18n } = useTranslation()
  const session = useSession()
  return (
    <I18nProvider locale={i18n.language}>
      <Frame>
        <Suspense fallback={<Loading />}>
          {session === null ? (
            <SignIn />
          ) : (
            <Routes>
              <Route path="/" element={<Navigate to="/appointments" replace />} />
              <Route path="/appointments" element={<Appointments role={session.role} />} />
              <Route path="/consultation/:appointmentId" element={<Room role={session.role} />} />
              <Route path="/account" element={<Account />} />
              {session.role === 'doctor' && (
                <>
                  <Route path="/day" element={<Today />} />
                  <Route path="/requests" element={<Incoming />} />
                  <Route path="/agenda" element={<Agenda />} />
                  <Route path="/agenda/publish" element={<Publish />} />
                </>
              )}
              <Route path="*" element={<NotFound />} />
            </Routes>
          )}
        </Suspense>
      </Frame>
    </I18nProvider>
  )
}

// A server that cannot be reached keeps nobody from the page that says so.
await Promise.all([begin(), sessions.resume().catch(() => undefined)])
const place = document.getElementById('page')
if (place === null) throw new Error('index.html has no #page')
createRoot(place).render(
  <StrictMode>
    <BrowserRouter>
      <SessionProvider>
        <Pages />
      </SessionProvider>
    </BrowserRouter>
  </StrictMode>,
)
