import { useTranslation } from 'react-i18next'
import { dayAndHour } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { isWritten, type Visit } from './Notes'
import type { Note } from './operations'
import { useNote } from './useNote'

const LONGEST = 20_000 // characters; the server has the last word

interface Props {
  visit: Visit
  notes: readonly Note[]
}

/** The doctor writes, and saves: what is saved is in the record, and amended by another version. */
export function Editor({ visit, notes }: Props) {
  const { t, i18n } = useTranslation()
  const note = useNote(visit.id, notes)
  const [latest] = notes
  const savable = isWritten(visit)

  function standing() {
    if (note.unsaved) return t(savable ? 'notes.draft' : 'notes.notYet')
    if (!latest) return savable ? '' : t('notes.notYet')
    const at = dayAndHour(latest.writtenAt, i18n.language)
    return t('notes.saved', { version: latest.version, at })
  }

  return (
    <div className="form">
      <Field
        label={t('notes.text')}
        lines={10}
        maxLength={LONGEST}
        value={note.text}
        onChange={note.write}
      />
      <p role="status" className="hint">
        {standing()}
      </p>
      {note.fault && <Notice kind="bad">{note.fault}</Notice>}
      {note.conflict && (
        <Notice kind="bad">{t('notes.conflict', { version: latest?.version ?? 0 })}</Notice>
      )}
      <div className="pair">
        {note.conflict ? (
          <Button onPress={note.keepMine}>{t('notes.keepMine')}</Button>
        ) : (
          <Button
            onPress={note.save}
            isPending={note.saving}
            isDisabled={!note.unsaved || !savable || note.text.trim() === ''}
          >
            {t(latest ? 'notes.amend' : 'notes.save')}
          </Button>
        )}
        {note.unsaved && (
          <Button kind="quiet" onPress={note.discard}>
            {t('notes.discard')}
          </Button>
        )}
      </div>
    </div>
  )
}
