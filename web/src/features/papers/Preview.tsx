import { parseDate } from '@internationalized/date'
import { useTranslation } from 'react-i18next'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import type { Draft } from './papers'

interface Props {
  draft: Draft
  patient: string
  fault: string | null
  busy: boolean
  onClose: () => void
  onIssue: () => void
}

/** All that will be on the paper, before it is part of a record for good. */
export function Preview({ draft, patient, fault, busy, onClose, onIssue }: Props) {
  const { t } = useTranslation()
  const { kind, text, items, cid, workAddress, workContact } = draft
  return (
    <Ask title={t(`papers.preview.${kind}`, { name: patient })} open onClose={onClose}>
      {fault && <Notice kind="bad">{fault}</Notice>}
      <div className="preview paper">
        {kind === 'prescription' && (
          <ol className="numbered">
            {items.map(({ drug, dose, posology, quantity }, number) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they do not change while shown
              <li key={number}>
                <strong>
                  {drug} — {dose}
                </strong>
                <br />
                {t('papers.prescription.quantity')}: {quantity}
                <br />
                {t('papers.prescription.posology')}: {posology}
              </li>
            ))}
          </ol>
        )}
        {text && <p className="lines">{text}</p>}
        {kind === 'certificate' && <Leave draft={draft} />}
        {cid && kind === 'certificate' && <p>CID: {cid.toUpperCase()}</p>}
        <p className="quiet">
          {workAddress} · {workContact}
        </p>
      </div>
      <p>{t('papers.preview.text')}</p>
      <div className="pair">
        <Button onPress={onIssue} isPending={busy}>
          {t(busy ? 'papers.issuing' : 'papers.issue')}
        </Button>
        <Button kind="quiet" onPress={onClose}>
          {t('papers.change')}
        </Button>
      </div>
    </Ask>
  )
}

function Leave({ draft: { startsOn, days } }: { draft: Draft }) {
  const { t, i18n } = useTranslation()
  const shown = (date: string, later = 0) =>
    new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeZone: 'UTC' }).format(
      parseDate(date).add({ days: later }).toDate('UTC'),
    )
  if (days === null) return <p>{t('papers.preview.noLeave', { day: shown(startsOn) })}</p>
  const span = { count: days, from: shown(startsOn), to: shown(startsOn, days - 1) }
  return <p>{t('papers.preview.leave', span)}</p>
}
