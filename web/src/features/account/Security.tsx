import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { CalendarFeed } from '../calendars/CalendarFeed'
import { AccountPage } from './AccountPage'
import { ChangePassword } from './ChangePassword'
import { AccountSession, OwnPasskey, Account as Query } from './operations'
import { Passkeys } from './Passkeys'
import { SecondFactor } from './SecondFactor'
import { Sessions } from './Sessions'

/** How one signs in, and where one has. */
export default function Security() {
  const { t } = useTranslation()
  const [{ data, error }, read] = useQuery({ query: Query, requestPolicy: 'cache-and-network' })
  const viewer = data?.viewer
  const again = () => read({ requestPolicy: 'network-only' })
  return (
    <AccountPage title={t('account.security')}>
      {error && !data && (
        <>
          <Notice kind="bad">{t('failed')}</Notice>
          <Button onPress={again}>{t('tryAgain')}</Button>
        </>
      )}
      {!data && !error && <Loading />}
      {viewer && 'sessions' in viewer && (
        <>
          <ChangePassword withCode={Boolean(viewer.secondFactor)} onChanged={again} />
          <Passkeys
            passkeys={unmask(OwnPasskey, viewer.passkeys)}
            withCode={Boolean(viewer.secondFactor)}
            onChanged={again}
          />
          <SecondFactor factor={viewer.secondFactor ?? null} onChanged={again} />
          {viewer.__typename !== 'AdministratorViewer' && <CalendarFeed />}
          <Sessions sessions={unmask(AccountSession, viewer.sessions)} onEnded={again} />
        </>
      )}
    </AccountPage>
  )
}
