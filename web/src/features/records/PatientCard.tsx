import { FileText, Image, KeyRound, Siren } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { dayAndHour } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Asking } from './Asking'
import { kindOf, sizeOf } from './described'
import type { Known, Shared } from './patients'
import type { useOpening } from './useOpening'

interface Props {
  person: Known
  opening: ReturnType<typeof useOpening>
  onChanged: () => void
}

/** A patient, what he shares, and how to ask for it. */
export function PatientCard({ person, opening, onChanged }: Props) {
  const { t } = useTranslation()
  const [asking, setAsking] = useState<'access' | 'glass' | null>(null)
  const { id, name, documents, today, asked } = person
  return (
    <article className="card box" aria-labelledby={id}>
      <div className="heading">
        <h2 id={id}>{name}</h2>
        {today && <span className="badge CONFIRMED">{t('patients.today')}</span>}
      </div>
      {documents.length > 0 ? (
        <ul className="shared">
          {documents.map(document => (
            <li key={document.id}>
              <SharedItem document={document} opening={opening} />
            </li>
          ))}
        </ul>
      ) : (
        <p className="quiet">{t('patients.nothing')}</p>
      )}
      <div className="pair">
        {asked ? (
          <p className="quiet">{t('patients.asked')}</p>
        ) : (
          <Button
            kind="quiet"
            aria-label={t('patients.access.of', { name })}
            onPress={() => setAsking('access')}
          >
            <KeyRound size={18} aria-hidden /> {t('patients.access.begin')}
          </Button>
        )}
        {today && (
          <Button
            kind="quiet"
            aria-label={t('patients.glass.of', { name })}
            onPress={() => setAsking('glass')}
          >
            <Siren size={18} aria-hidden /> {t('patients.glass.begin')}
          </Button>
        )}
      </div>
      {asking && (
        <Asking
          kind={asking}
          patientId={id}
          name={name}
          onClose={() => setAsking(null)}
          onDone={() => {
            setAsking(null)
            onChanged()
          }}
        />
      )}
    </article>
  )
}

interface Item {
  document: Shared
  opening: ReturnType<typeof useOpening>
}

function SharedItem({ document, opening }: Item) {
  const { t, i18n } = useTranslation()
  const { id, name, uploadedAt } = document
  const Sign = document.contentType.startsWith('image/') ? Image : FileText
  return (
    <div className="export">
      <Sign className="kind" size={22} aria-hidden />
      <div className="about">
        <strong>{name}</strong>
        <span className="quiet">
          {kindOf(document)} · {sizeOf(document, i18n.language)}
          {uploadedAt && ` · ${dayAndHour(uploadedAt, i18n.language)}`}
        </span>
      </div>
      <Button
        kind="quiet"
        aria-label={t('record.open', { name })}
        isPending={opening.opening === id}
        onPress={() => opening.open(document)}
      >
        {t('record.openShort')}
      </Button>
    </div>
  )
}
