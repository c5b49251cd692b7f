import { FileBadge, FileText } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { dayAndHour } from '../../i18n/times'
import { Button } from '../../ui/Button'
import type { useOpening } from '../records/useOpening'
import type { Paper } from './papers'
import { Sign } from './Sign'

interface Props {
  paper: Paper
  opening: ReturnType<typeof useOpening>
  onSigned: (paper: Paper) => void
}

/** A paper that was issued: to be looked at, and signed once. */
export function PaperCard({ paper, opening, onSigned }: Props) {
  const { t, i18n } = useTranslation()
  const [signing, setSigning] = useState(false)
  const { id, name, kind, signature, patient, uploadedAt } = paper
  const Icon = kind === 'PRESCRIPTION' ? FileText : FileBadge
  return (
    <article className="card document" aria-labelledby={id}>
      <Icon className="kind" size={26} aria-hidden />
      <div className="about">
        <h3 id={id}>{name}</h3>
        <p className="quiet">
          {patient.name}
          {uploadedAt && ` · ${dayAndHour(uploadedAt, i18n.language)}`}
        </p>
        <p>
          <span className={`badge ${signature === 'SIGNED' ? 'CONFIRMED' : 'REQUESTED'}`}>
            {t(`papers.signature.${signature ?? 'UNSIGNED'}`)}
          </span>
        </p>
      </div>
      <div className="pair">
        <Button
          kind={signature === 'SIGNED' ? 'main' : 'quiet'}
          aria-label={t('record.open', { name })}
          isPending={opening.opening === id}
          onPress={() => opening.open(paper)}
        >
          {t('record.openShort')}
        </Button>
        {signature === 'UNSIGNED' && (
          <Button aria-label={t('papers.sign.of', { name })} onPress={() => setSigning(true)}>
            {t('papers.sign.begin')}
          </Button>
        )}
      </div>
      {signing && <Sign paper={paper} onClose={() => setSigning(false)} onSigned={onSigned} />}
    </article>
  )
}
