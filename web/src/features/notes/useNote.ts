import { useRef, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { useClient } from 'urql'
import { unmask } from '../../gql'
import { drafts } from './drafts'
import { type Note, NoteVersion, VisitNotes, WriteNote } from './operations'

const REFUSALS = ['WRONG_STATUS', 'TOO_LATE', 'LIMIT_REACHED'] as const

/** A visit's note as its doctor has it before him: the latest version, or what he makes of it. */
export function useNote(appointmentId: string, notes: readonly Note[]) {
  const { t } = useTranslation()
  const client = useClient()
  const draft = useSyncExternalStore(drafts.subscribe, () => drafts.get(appointmentId))
  const [saving, setSaving] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const attempt = useRef({ text: '', key: '' })
  const [latest] = notes
  const version = latest?.version ?? 0
  const text = draft?.text ?? latest?.text ?? ''

  function write(written: string) {
    setFault(null)
    if (written === (latest?.text ?? '')) drafts.drop(appointmentId)
    else drafts.keep(appointmentId, { text: written, from: draft?.from ?? version })
  }

  /** Reads the versions anew, and says which is the last; null: nobody can tell. */
  async function versionNow(): Promise<number | null> {
    const options = { requestPolicy: 'network-only' } as const
    const { data } = await client.query(VisitNotes, { appointmentId }, options).toPromise()
    if (data?.node?.__typename !== 'Appointment') return null
    return unmask(NoteVersion, data.node.notes)[0]?.version ?? 0
  }

  async function save() {
    if (draft === null || saving) return
    setSaving(true)
    setFault(await attemptToSave(draft.text, draft.from))
    setSaving(false)
  }

  /** What is in the way, in words; null where it is saved, or where another version is shown. */
  async function attemptToSave(written: string, from: number): Promise<string | null> {
    const there = await versionNow()
    if (there === null) return t('failed')
    if (there !== from) return null
    // The same words under the same key, however often it takes: one version.
    if (attempt.current.text !== written) {
      attempt.current = { text: written, key: crypto.randomUUID() }
    }
    const input = { appointmentId, text: written, idempotencyKey: attempt.current.key }
    const { data } = await client.mutation(WriteNote, { input }).toPromise()
    const answer = data?.writeVisitNote
    if (!answer) return t('failed')
    const [problem] = answer.problems
    if (problem) {
      const known = REFUSALS.find(code => code === problem.code)
      return known ? t(`notes.refused.${known}`) : problem.message
    }
    await versionNow() // so that what was saved is shown before the draft goes
    // What was typed while it was sent stays a draft, of the next version.
    const now = drafts.get(appointmentId)
    if (now && now.text !== written) drafts.keep(appointmentId, { ...now, from: from + 1 })
    else drafts.drop(appointmentId)
    return null
  }

  return {
    text,
    write,
    save,
    saving,
    fault,
    unsaved: draft !== null,
    /** Another window has saved a version since this draft was begun. */
    conflict: draft !== null && draft.from !== version,
    /** The draft is to be the version after that one. */
    keepMine: () => drafts.keep(appointmentId, { text, from: version }),
    discard: () => drafts.drop(appointmentId),
  }
}
