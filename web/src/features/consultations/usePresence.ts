import { useEffect, useState } from 'react'
import { useClient } from 'urql'
import { listen } from '../../graphql/listen'
import { Presence } from './operations'

interface Present {
  doctorPresent: boolean
  patientPresent: boolean
}

/** Who is in the room. Whoever asks is there himself, in the eyes of the other. */
export function usePresence(appointmentId: string, first: Present | null | undefined) {
  const client = useClient()
  const [present, setPresent] = useState<Present | null>(null)
  useEffect(
    () =>
      listen(client, Presence, { appointmentId, after: null }, heard =>
        setPresent(heard.consultationPresence),
      ),
    [client, appointmentId],
  )
  return present ?? first
}
