// The one client of the page.

import { Client, fetchExchange, subscriptionExchange } from '@urql/core'
import { authExchange } from '@urql/exchange-auth'
import { Renew, SignedIn, sessionOf } from '../features/auth/operations'
import { unmask } from '../gql'
import { Sessions } from '../session/session'
import { cache } from './cache'
import { Live } from './live'
import { patience } from './patience'
import { ask, trustedDocuments } from './trusted'

export const sessions = new Sessions(async () => {
  const { session } = unmask(SignedIn, (await ask(Renew, {})).renewSession) ?? {}
  return session ? sessionOf(session) : null
})

export const live = new Live(sessions)

/** A new one for each session: what one person has read, the next one at this screen does not see. */
export function createClient(): Client {
  return new Client({
    url: '/graphql',
    preferGetMethod: false,
    fetch: patience.fetch,
    exchanges: [
      cache(),
      authExchange(async utilities => ({
        addAuthToOperation: operation => {
          const session = sessions.current
          if (session === null) return operation
          const authorization = `Bearer ${session.accessToken}`
          return utilities.appendHeaders(operation, { authorization })
        },
        willAuthError: () => sessions.stale,
        didAuthError: error =>
          error.graphQLErrors.some(({ extensions }) => extensions.code === 'UNAUTHENTICATED'),
        refreshAuth: () => sessions.refresh().catch(() => undefined), // then it fails by itself
      })),
      trustedDocuments,
      fetchExchange,
      subscriptionExchange({ forwardSubscription: live.forward }),
    ],
  })
}
