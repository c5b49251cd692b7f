import { createContext, type ReactNode, useContext, useMemo, useSyncExternalStore } from 'react'
import { Provider } from 'urql'
import { createClient, sessions } from '../graphql/client'
import type { Session } from './session'

const Current = createContext<Session | null>(null)

/** The session, and a client that remembers nothing of the one before it. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const session = useSyncExternalStore(sessions.subscribe, () => sessions.current)
  const who = session?.id
  // biome-ignore lint/correctness/useExhaustiveDependencies: another person, another client
  const client = useMemo(createClient, [who])
  return (
    <Current value={session}>
      <Provider value={client}>{children}</Provider>
    </Current>
  )
}

/** Null when nobody has signed in. */
export const useSession = () => useContext(Current)
