import { lazy, StrictMode, Suspense } from 'react'
import { I18nProvider } from 'react-aria-components/I18nProvider'
import { createRoot } from 'react-dom/client'
import { useTranslation } from 'react-i18next'
import { BrowserRouter, Navigate, Route, Routes, useLocation } from 'react-router'
import { Frame } from './Frame'
import type { Report } from './features/records/exports'
import { sessions } from './graphql/client'
import { begin } from './i18n/i18n'
import { install } from './installed/install'
import { NotFound } from './NotFound'
import { SessionProvider, useSession } from './session/context'
import { Boundary } from './ui/Boundary'
import { Loading } from './ui/Loading'
import './styles/base.css'
import './styles/cards.css'
import './styles/controls.css'
import './styles/pages.css'

const SignIn = lazy(() => import('./features/auth/SignIn'))
const Appointments = lazy(() => import('./features/scheduling/Appointments'))
const Record = lazy(() => import('./features/records/Record'))
const Exports = lazy(() => import('./features/records/Exports'))
const Farewell = lazy(() => import('./features/records/Farewell'))
const Patients = lazy(() => import('./features/records/Patients'))
const SignUp = lazy(() => import('./features/auth/SignUp'))
const SignUpDoctor = lazy(() => import('./features/auth/SignUpDoctor'))
const ConfirmEmail = lazy(() => import('./features/auth/ConfirmEmail'))
const ForgotPassword = lazy(() => import('./features/auth/ForgotPassword'))
const ResetPassword = lazy(() => import('./features/auth/ResetPassword'))
const Booking = lazy(() => import('./features/booking/Booking'))
const Move = lazy(() => import('./features/booking/Move'))
const IssuePaper = lazy(() => import('./features/papers/IssuePaper'))
const Papers = lazy(() => import('./features/papers/Papers'))
const Verify = lazy(() => import('./features/papers/Verify'))
const Profile = lazy(() => import('./features/doctors/Profile'))
const Search = lazy(() => import('./features/doctors/Search'))
const Agenda = lazy(() => import('./features/agenda/Agenda'))
const Publish = lazy(() => import('./features/agenda/Publish'))
const Today = lazy(() => import('./features/agenda/Today'))
const Figures = lazy(() => import('./features/statistics/Figures'))
const Incoming = lazy(() => import('./features/requests/Incoming'))
const Administration = lazy(() => import('./features/administration/Administration'))
const OwnProfile = lazy(() => import('./features/profile/Profile'))
const Security = lazy(() => import('./features/account/Security'))
const Room = lazy(() => import('./features/consultations/Room'))

/** What each has come for. */
const HOME = { doctor: '/requests', patient: '/doctors' } as const

/** Where somebody must sign in he does so in place, and then is where he wanted to be. */
function Pages() {
  const { i18n } = useTranslation()
  const session = useSession()
  const erased: Report | undefined = useLocation().state?.erased
  return (
    <I18nProvider locale={i18n.language}>
      <Frame>
        <Suspense fallback={<Loading />}>
          <Routes>
            <Route path="/doctors" element={<Search />} />
            <Route path="/verify" element={<Verify />} />
            <Route path="/confirm-email" element={<ConfirmEmail />} />
            <Route path="/reset-password" element={<ResetPassword />} />
            <Route path="/forgot-password" element={<ForgotPassword />} />
            {session === null && <Route path="/sign-up" element={<SignUp />} />}
            {session === null && <Route path="/sign-up/doctor" element={<SignUpDoctor />} />}
            <Route path="/doctors/:registration" element={<Profile />} />
            {session === null ? (
              <>
                <Route path="/admin/*" element={<Administration />} />
                <Route path="*" element={erased ? <Farewell report={erased} /> : <SignIn />} />
              </>
            ) : session.role === 'administrator' ? (
              <>
                <Route path="/" element={<Navigate to="/admin" replace />} />
                <Route path="/admin/*" element={<Administration />} />
                <Route path="/account" element={<Navigate to="/account/security" replace />} />
                <Route path="/account/security" element={<Security />} />
                <Route path="*" element={<NotFound />} />
              </>
            ) : (
              <>
                <Route path="/" element={<Navigate to={HOME[session.role]} replace />} />
                <Route path="/appointments" element={<Appointments role={session.role} />} />
                <Route path="/consultation/:appointmentId" element={<Room role={session.role} />} />
                {session.role === 'patient' && (
                  <Route path="/appointments/:appointmentId/move" element={<Move />} />
                )}
                {session.role === 'patient' && (
                  <Route path="/doctors/:registration/times/:slotId" element={<Booking />} />
                )}
                {session.role === 'patient' && <Route path="/record" element={<Record />} />}
                {session.role === 'patient' && <Route path="/exports" element={<Exports />} />}
                <Route path="/account" element={<OwnProfile />} />
                <Route path="/account/security" element={<Security />} />
                {session.role === 'doctor' && (
                  <>
                    <Route path="/day" element={<Today />} />
                    <Route path="/requests" element={<Incoming />} />
                    <Route path="/agenda" element={<Agenda />} />
                    <Route path="/agenda/publish" element={<Publish />} />
                    <Route path="/appointments/:appointmentId/papers" element={<IssuePaper />} />
                    <Route path="/papers" element={<Papers />} />
                    <Route path="/patients" element={<Patients />} />
                    <Route path="/figures" element={<Figures />} />
                  </>
                )}
                <Route path="/admin/*" element={<NotFound notYours />} />
                <Route path="*" element={<NotFound />} />
              </>
            )}
          </Routes>
        </Suspense>
      </Frame>
    </I18nProvider>
  )
}

install()
// A server that cannot be reached keeps nobody from the page that says so.
await Promise.all([begin(), sessions.resume().catch(() => undefined)])
const place = document.getElementById('page')
if (place === null) throw new Error('index.html has no #page')
createRoot(place).render(
  <StrictMode>
    <BrowserRouter>
      <SessionProvider>
        <Boundary>
          <Pages />
        </Boundary>
      </SessionProvider>
    </BrowserRouter>
  </StrictMode>,
)
