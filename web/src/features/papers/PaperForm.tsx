import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useClient } from 'urql'
import { unmask } from '../../gql'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { useFaults } from '../../ui/useFaults'
import { CertificateFields } from './CertificateFields'
import { PrescriptionFields } from './PrescriptionFields'
import { Preview } from './Preview'
import {
  type Draft,
  draftOf,
  faultsOf,
  IssueCertificate,
  Issued,
  IssuePrescription,
  type Kind,
  keepWork,
  type Paper,
  PaperRow,
  workKept,
} from './papers'

interface Props {
  kind: Kind
  appointmentId: string
  patient: string
  onIssued: (paper: Paper) => void
}

/** A paper is written, looked at as a whole, and only then issued. */
export function PaperForm({ kind, appointmentId, patient, onIssued }: Props) {
  const { t } = useTranslation()
  const client = useClient()
  const [drugs, setDrugs] = useState(1)
  const { faults, setFaults, form } = useFaults()
  const [draft, setDraft] = useState<(Draft & { key: string }) | null>(null)
  const [busy, setBusy] = useState(false)
  const [work] = useState(workKept)

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    setFaults({})
    const written = draftOf(kind, new FormData(event.currentTarget), drugs)
    // One key for one text: who sends it once more gets the paper that there is.
    setDraft({ ...written, key: crypto.randomUUID() })
  }

  async function send(draft: Draft & { key: string }) {
    const { text, startsOn, days, cid, cidConsent, items, workAddress, workContact, key } = draft
    const given = { appointmentId, workAddress, workContact, idempotencyKey: key }
    if (kind === 'certificate') {
      const input = { ...given, text, startsOn, days, cid: cid || null, cidConsent }
      return (await client.mutation(IssueCertificate, { input })).data?.issueCertificate
    }
    const input = { ...given, items, text: text || null }
    return (await client.mutation(IssuePrescription, { input })).data?.issuePrescription
  }

  async function issue(draft: Draft & { key: string }) {
    setBusy(true)
    const answered = unmask(Issued, await send(draft))
    setBusy(false)
    if (!answered) return setFaults({ '': t('failed') })
    const paper = unmask(PaperRow, answered.document)
    if (paper) {
      keepWork(draft)
      return onIssued(paper)
    }
    const found = faultsOf(answered.problems, name => name in draft || name.startsWith('items.'))
    const told = Object.entries(found).map(([name, fault]) => [name, t(`papers.faults.${fault}`)])
    setFaults(Object.fromEntries(told))
    setDraft(null)
  }

  return (
    <Form onSubmit={onSubmit} {...form} className="form">
      {faults[''] && !draft && <Notice kind="bad">{faults['']}</Notice>}
      {kind === 'certificate' ? (
        <CertificateFields />
      ) : (
        <PrescriptionFields count={drugs} onCount={setDrugs} />
      )}
      <Field
        name="workAddress"
        label={t('papers.work.address')}
        hint={t('papers.work.hint')}
        defaultValue={work.workAddress}
        maxLength={300}
        autoComplete="street-address"
        isRequired
      />
      <Field
        name="workContact"
        label={t('papers.work.contact')}
        defaultValue={work.workContact}
        maxLength={200}
        isRequired
      />
      <div>
        <Button type="submit">{t('papers.look')}</Button>
      </div>
      {draft && (
        <Preview
          draft={draft}
          patient={patient}
          fault={faults[''] ?? null}
          busy={busy}
          onClose={() => setDraft(null)}
          onIssue={() => issue(draft)}
        />
      )}
    </Form>
  )
}
