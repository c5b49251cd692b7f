import { lazy, Suspense } from 'react'
import { Navigate, Route, Routes } from 'react-router'
import { NotFound } from '../../NotFound'
import { useSession } from '../../session/context'
import { Loading } from '../../ui/Loading'
import { AdministratorSignIn } from './AdministratorSignIn'
import './words'
import '../records/record.css'
import './administration.css'

const Audit = lazy(() => import('./Audit'))
const Emergencies = lazy(() => import('./Emergencies'))
const Partners = lazy(() => import('./Partners'))
const Registrations = lazy(() => import('./Registrations'))
const Registration = lazy(() => import('./Registration'))

/** All of /admin: for administrators, and for whoever says that he is one. */
export default function Administration() {
  if (useSession() === null) return <AdministratorSignIn />
  return (
    <Suspense fallback={<Loading />}>
      <Routes>
        <Route index element={<Navigate to="/admin/registrations" replace />} />
        <Route path="registrations" element={<Registrations />} />
        <Route path="registrations/:registration" element={<Registration />} />
        <Route path="partners" element={<Partners />} />
        <Route path="emergencies" element={<Emergencies />} />
        <Route path="audit" element={<Audit />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Suspense>
  )
}
