import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { dayAndHour } from '../../i18n/times'
import type { Party } from '../../session/session'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { Answer } from './Answer'
import { type InPersonRequest, WithdrawInPerson } from './operations'
import { refusal } from './refusal'

/** What was asked, how it stands, and what can be done. */
export function InPersonItem({ request, role }: { request: InPersonRequest; role: Party }) {
  const { t, i18n } = useTranslation()
  const { id, status, message, askedAt, accepted, answer, doctor, patient } = request
  const standing = status === 'ANSWERED' ? (accepted ? 'ACCEPTED' : 'REFUSED') : status
  return (
    <article className="card in-person-item" aria-labelledby={id}>
      <div className="about">
        <h3 id={id}>{role === 'patient' ? doctor.name : patient.name}</h3>
        <p className="quiet">{t('inPerson.at', { at: dayAndHour(askedAt, i18n.language) })}</p>
        <p className="words">{message}</p>
        {answer && (
          <p className="words">
            <strong>
              {t(role === 'patient' ? 'inPerson.theirAnswer' : 'inPerson.yourAnswer')}
            </strong>{' '}
            {answer}
          </p>
        )}
      </div>
      <div className="doing">
        <span className={`badge ${BADGE[standing]}`}>{t(`inPerson.status.${standing}`)}</span>
        {status === 'ASKED' && role === 'doctor' && <Answer requestId={id} name={patient.name} />}
        {status === 'ASKED' && role === 'patient' && <Withdraw requestId={id} />}
      </div>
    </article>
  )
}

const BADGE = {
  ASKED: 'REQUESTED',
  ACCEPTED: 'CONFIRMED',
  REFUSED: 'DECLINED',
  WITHDRAWN: 'EXPIRED',
}

function Withdraw({ requestId }: { requestId: string }) {
  const { t } = useTranslation()
  const [{ fetching, data, error }, withdraw] = useMutation(WithdrawInPerson)
  const [problem] = data?.withdrawInPersonRequest?.problems ?? []
  return (
    <>
      <Button kind="quiet" isPending={fetching} onPress={() => withdraw({ input: { requestId } })}>
        {t('inPerson.withdraw')}
      </Button>
      {(error || problem) && <Notice kind="bad">{t(problem ? refusal(problem) : 'failed')}</Notice>}
    </>
  )
}
