import { useCallback, useEffect, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { unmask } from '../../gql'
import type { Party } from '../../session/session'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { useAccessed } from '../records/useAccessed'
import { drafts } from './drafts'
import { Editor } from './Editor'
import { NoteVersion, VisitNotes } from './operations'
import { Versions } from './Versions'
import './notes.css'

export interface Visit {
  id: string
  status: string
}

interface Props {
  visit: Visit
  role: Party
}

const WRITTEN = ['IN_PROGRESS', 'COMPLETED']
const PREPARED = ['CONFIRMED', ...WRITTEN]

/** What is written of a visit: its doctor writes it, its patient reads it. */
export function Notes({ visit, role }: Props) {
  const draft = useSyncExternalStore(drafts.subscribe, () => drafts.get(visit.id))
  const shown = role === 'doctor' ? PREPARED.includes(visit.status) || draft : isWritten(visit)
  return shown && <Written visit={visit} role={role} />
}

/** Whether it can be: the server says until when. */
export const isWritten = ({ status }: Pick<Visit, 'status'>) => WRITTEN.includes(status)

function Written({ visit, role }: Props) {
  const { t } = useTranslation()
  const [{ data, error, fetching }, read] = useQuery({
    query: VisitNotes,
    variables: { appointmentId: visit.id },
    requestPolicy: 'cache-and-network',
  })
  const again = useCallback(() => read({ requestPolicy: 'network-only' }), [read])
  const found = data?.node?.__typename === 'Appointment' ? data.node : null
  const notes = found && unmask(NoteVersion, found.notes)
  return (
    <section className="card notes" aria-labelledby="notes">
      <h2 id="notes">{t('notes.title')}</h2>
      <p className="quiet">{t(`notes.lead.${role}`)}</p>
      {error && !notes && <Notice kind="bad">{t('failed')}</Notice>}
      {fetching && !notes && <Loading />}
      {role === 'patient' && <Listener onHeard={again} />}
      {notes && role === 'doctor' && <Editor visit={visit} notes={notes} />}
      {notes && <Versions notes={notes} role={role} />}
    </section>
  )
}

/** The patient hears of every entry in the record, and so of a note that was written just now. */
function Listener({ onHeard }: { onHeard: () => void }) {
  const latest = useAccessed()
  useEffect(() => {
    if (latest?.note) onHeard()
  }, [latest, onHeard])
  return null
}
