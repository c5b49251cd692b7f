import { ShieldCheck } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { day } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { BeginSecondFactor, ConfirmSecondFactor, RemoveSecondFactor } from './operations'
import { atFields } from './problems'

interface Props {
  factor: { enabledAt: string; recoveryCodesLeft: number } | null
  onChanged: () => void
}

type Faults = Record<string, string>

/** Set up in three steps: the password, the app with its first code, and the recovery codes. */
export function SecondFactor({ factor, onChanged }: Props) {
  const { t, i18n } = useTranslation()
  const [faults, setFaults] = useState<Faults>({})
  const [secret, setSecret] = useState<{ secret: string; picture: string } | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const [beginning, begin] = useMutation(BeginSecondFactor)
  const [confirming, confirm] = useMutation(ConfirmSecondFactor)
  const [removing, remove] = useMutation(RemoveSecondFactor)

  async function onBegin({ password = '' }: Record<string, string>): Promise<Faults> {
    const { data, error } = await begin({ input: { password } })
    const { secret, qrCode, problems = [] } = data?.beginSecondFactor ?? {}
    if (secret && qrCode) {
      setSecret({ secret, picture: `data:image/svg+xml,${encodeURIComponent(qrCode)}` })
    }
    return error ? { '': t('failed') } : atFields(problems, t)
  }

  async function onConfirm({ code = '' }: Record<string, string>): Promise<Faults> {
    const { data, error } = await confirm({ input: { code: code.trim() } })
    const { recoveryCodes, problems = [] } = data?.confirmSecondFactor ?? {}
    if (recoveryCodes) {
      setCodes(recoveryCodes)
      setSecret(null)
      onChanged()
    }
    return error ? { '': t('failed') } : atFields(problems, t)
  }

  async function onRemove({ password = '', code = '' }: Record<string, string>): Promise<Faults> {
    const { data, error } = await remove({ input: { password, code: code.trim() } })
    const { problems = [] } = data?.removeSecondFactor ?? {}
    if (data?.removeSecondFactor && problems.length === 0) {
      setCodes(null)
      onChanged()
    }
    return error ? { '': t('failed') } : atFields(problems, t)
  }

  const submits =
    (act: (given: Record<string, string>) => Promise<Faults>) =>
    async (event: FormEvent<HTMLFormElement>) => {
      event.preventDefault()
      const given = new FormData(event.currentTarget)
      setFaults(await act(Object.fromEntries(given) as Record<string, string>))
    }

  const password = (
    <Field
      name="password"
      type="password"
      label={t('account.password')}
      autoComplete="current-password"
      isRequired
    />
  )
  return (
    <section className="card panel" aria-labelledby="second-factor">
      <h2 id="second-factor">
        <ShieldCheck size={20} aria-hidden /> {t('account.factor.title')}
      </h2>
      {codes && (
        <div role="status" className="form">
          <p>{t('account.factor.codes')}</p>
          <ul className="recovery-codes">
            {codes.map(code => (
              <li key={code}>{code}</li>
            ))}
          </ul>
        </div>
      )}
      {factor ? (
        <>
          <p>
            {t('account.factor.on', { since: day(factor.enabledAt, i18n.language) })}{' '}
            {t('account.factor.left', { count: factor.recoveryCodesLeft })}
          </p>
          <Form
            key="remove"
            onSubmit={submits(onRemove)}
            validationErrors={faults}
            className="form"
          >
            {faults[''] && <Notice kind="bad">{faults['']}</Notice>}
            {password}
            <Field
              name="code"
              label={t('signIn.otp')}
              hint={t('signIn.otpHint')}
              autoComplete="one-time-code"
              isRequired
            />
            <Button type="submit" kind="danger" isPending={removing.fetching}>
              {t('account.factor.remove')}
            </Button>
          </Form>
        </>
      ) : secret ? (
        <Form
          key="confirm"
          onSubmit={submits(onConfirm)}
          validationErrors={faults}
          className="form"
        >
          {faults[''] && <Notice kind="bad">{faults['']}</Notice>}
          <p>{t('account.factor.scan')}</p>
          <img src={secret.picture} alt={t('account.factor.qr')} className="qr" />
          <p>
            {t('account.factor.type')} <code>{secret.secret}</code>
          </p>
          <Field
            name="code"
            label={t('account.factor.code')}
            // Not when it is left: the button would move away under the pointer that presses it.
            onChange={() => setFaults({})}
            inputMode="numeric"
            autoComplete="one-time-code"
            isRequired
            autoFocus
          />
          <Button type="submit" isPending={confirming.fetching}>
            {t('account.factor.confirm')}
          </Button>
        </Form>
      ) : (
        <Form key="begin" onSubmit={submits(onBegin)} validationErrors={faults} className="form">
          {faults[''] && <Notice kind="bad">{faults['']}</Notice>}
          <p>{t('account.factor.off')}</p>
          {password}
          <Button type="submit" isPending={beginning.fetching}>
            {t('account.factor.begin')}
          </Button>
        </Form>
      )}
    </section>
  )
}
