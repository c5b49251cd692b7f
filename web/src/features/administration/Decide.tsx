import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useClient } from 'urql'
import { unmask } from '../../gql'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import {
  type Act,
  Decided,
  POSSIBLE,
  ReinstateDoctor,
  type Row,
  SuspendDoctor,
  VerifyDoctor,
} from './registrations'

interface Props {
  row: Row
  /** With what there is to say of it. */
  onDone: (said: string) => void
}

/** What can be decided of a doctor, each after a second ask and with a reason. */
export function Decide({ row, onDone }: Props) {
  const { t } = useTranslation()
  const [asked, setAsked] = useState<Act | null>(null)
  const { name } = row.doctor
  return (
    <div className="pair">
      {POSSIBLE[row.status].map(act => {
        const begin = t(`administration.registrations.acts.${act}.begin`)
        return (
          <Button
            key={act}
            kind={act === 'verify' || act === 'reinstate' ? 'main' : 'quiet'}
            aria-label={t('administration.registrations.beginOf', { begin, name })}
            onPress={() => setAsked(act)}
          >
            {begin}
          </Button>
        )
      })}
      {asked && <Reason act={asked} row={row} onClose={() => setAsked(null)} onDone={onDone} />}
    </div>
  )
}

function Reason({ act, row, onClose, onDone }: Props & { act: Act; onClose: () => void }) {
  const { t } = useTranslation()
  const client = useClient()
  const [fault, setFault] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const { id, name } = row.doctor

  async function decide(reason: string) {
    const given = { doctorId: id, reason }
    if (act === 'verify') return (await client.mutation(VerifyDoctor, given)).data?.verifyDoctor
    if (act === 'reinstate') {
      return (await client.mutation(ReinstateDoctor, given)).data?.reinstateDoctor
    }
    return (await client.mutation(SuspendDoctor, given)).data?.suspendDoctor
  }

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const reason = String(new FormData(event.currentTarget).get('reason'))
    setBusy(true)
    const answered = unmask(Decided, await decide(reason))
    setBusy(false)
    const [problem] = answered?.problems ?? []
    if (!answered) setFault(t('failed'))
    else if (!problem) {
      onClose()
      onDone(t(`administration.registrations.acts.${act}.done`, { name }))
    } else {
      const why = problem.path[0] === 'reason' ? 'reasonFault' : 'wrongStatus'
      setFault(t(`administration.registrations.${why}`))
    }
  }

  return (
    <Ask
      title={t(`administration.registrations.acts.${act}.title`, { name })}
      open
      onClose={onClose}
    >
      <Form onSubmit={submit} className="form">
        <p>{t(`administration.registrations.acts.${act}.text`)}</p>
        {fault && <Notice kind="bad">{fault}</Notice>}
        <Field
          name="reason"
          label={t('administration.reason')}
          hint={t('administration.reasonHint')}
          lines={4}
          minLength={10}
          maxLength={500}
          isRequired
          autoFocus
        />
        <div className="pair">
          <Button
            kind={act === 'verify' || act === 'reinstate' ? 'main' : 'danger'}
            type="submit"
            isPending={busy}
          >
            {t(`administration.registrations.acts.${act}.submit`)}
          </Button>
          <Button kind="quiet" onPress={onClose}>
            {t('administration.back')}
          </Button>
        </div>
      </Form>
    </Ask>
  )
}
