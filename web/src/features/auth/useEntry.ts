import { useNavigate } from 'react-router'
import { sessions } from '../../graphql/client'
import type { Party } from '../../session/session'
import type { Given } from '../../ui/SentForm'
import { sessionOf } from './operations'
import { signIn } from './signingIn'

/** Has whoever has just joined in, where no address has to be confirmed first. */
export function useEntry() {
  const navigate = useNavigate()

  /** What fails here fails no registration: there is the link for signing in. */
  return async (role: Party, given: Given) => {
    const { session } = await signIn(role, given).catch(() => ({ session: null }))
    const found = session && sessionOf(session)
    if (!found) return
    await navigate('/')
    sessions.begin(found)
  }
}
