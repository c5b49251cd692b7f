import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { AccountPage } from '../account/AccountPage'
import { DoctorForm } from './DoctorForm'
import { DoctorProfile, OwnProfile, PatientProfile } from './operations'
import { PatientForm } from './PatientForm'
import './profile.css'

/** What is known of oneself, to be changed. */
export default function Profile() {
  const { t } = useTranslation()
  const [{ data, error }, read] = useQuery({ query: OwnProfile, requestPolicy: 'network-only' })
  const viewer = data?.viewer
  return (
    <AccountPage title={t('profile.title')}>
      {error && !data && (
        <>
          <Notice kind="bad">{t('failed')}</Notice>
          <Button onPress={() => read()}>{t('tryAgain')}</Button>
        </>
      )}
      {!data && !error && <Loading />}
      {viewer?.__typename === 'PatientViewer' && (
        <PatientForm known={unmask(PatientProfile, viewer)} />
      )}
      {viewer?.__typename === 'DoctorViewer' && (
        <DoctorForm known={unmask(DoctorProfile, viewer)} />
      )}
    </AccountPage>
  )
}
