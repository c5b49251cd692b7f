import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { CalendarFeed } from '../calendars/CalendarFeed'
import { AccountSession, Account as Query } from './operations'
import { SecondFactor } from './SecondFactor'
import { Sessions } from './Sessions'
import './account.css'

export default function Account() {
  const { t } = useTranslation()
  const [{ data, error }, read] = useQuery({ query: Query, requestPolicy: 'cache-and-network' })
  const viewer = data?.viewer
  const again = () => read({ requestPolicy: 'network-only' })
  return (
    <div className="page">
      <title>{t('account.title')}</title>
      <h1>{t('account.title')}</h1>
      {error && !data && (
        <>
          <Notice kind="bad">{t('failed')}</Notice>
          <Button onPress={again}>{t('tryAgain')}</Button>
        </>
      )}
      {!data && !error && <Loading />}
      {viewer && 'sessions' in viewer && (
        <>
          <p>
            {t('signIn.email')}: <strong>{viewer.email}</strong>
          </p>
          <SecondFactor factor={viewer.secondFactor ?? null} onChanged={again} />
          <CalendarFeed />
          <Sessions sessions={unmask(AccountSession, viewer.sessions)} onEnded={again} />
        </>
      )}
    </div>
  )
}
