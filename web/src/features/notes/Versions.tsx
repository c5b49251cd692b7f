import { useTranslation } from 'react-i18next'
import { dayAndHour } from '../../i18n/times'
import type { Party } from '../../session/session'
import type { Note } from './operations'

interface Props {
  /** The latest first. */
  notes: readonly Note[]
  role: Party
}

/** What was written. The doctor has the latest before him in the editor. */
export function Versions({ notes, role }: Props) {
  const { t } = useTranslation()
  const open = role === 'patient' ? notes.slice(0, 1) : []
  const folded = notes.slice(open.length)
  return (
    <>
      {role === 'patient' && notes.length === 0 && <p className="quiet">{t('notes.none')}</p>}
      {open.map(note => (
        <Version key={note.id} note={note} />
      ))}
      {folded.length > 0 && (
        <details>
          <summary>
            {t(role === 'patient' ? 'notes.before' : 'notes.versions', { count: folded.length })}
          </summary>
          {folded.map(note => (
            <Version key={note.id} note={note} />
          ))}
        </details>
      )}
    </>
  )
}

function Version({ note }: { note: Note }) {
  const { t, i18n } = useTranslation()
  const at = dayAndHour(note.writtenAt, i18n.language)
  return (
    <article aria-labelledby={note.id}>
      <h3 id={note.id}>{t('notes.version', { version: note.version, at })}</h3>
      <p className="words">{note.text}</p>
    </article>
  )
}
