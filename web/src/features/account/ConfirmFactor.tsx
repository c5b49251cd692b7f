import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { Field } from '../../ui/Field'
import { type Given, SentForm } from '../../ui/SentForm'
import { faultsOf } from '../auth/faults'
import type { Secret } from './BeginFactor'
import { ConfirmSecondFactor } from './operations'

interface Props {
  secret: Secret
  onConfirmed: (recoveryCodes: readonly string[]) => void
}

/** The app shows that it has understood. */
export function ConfirmFactor({ secret: { secret, picture }, onConfirmed }: Props) {
  const { t } = useTranslation()
  const [, confirm] = useMutation(ConfirmSecondFactor)

  async function send(given: Given) {
    const { data, error } = await confirm({ input: { code: given.code?.trim() ?? '' } })
    if (!data?.confirmSecondFactor) throw error
    const { recoveryCodes, problems } = data.confirmSecondFactor
    if (recoveryCodes) onConfirmed(recoveryCodes)
    return faultsOf(problems, given, t)
  }

  return (
    <SentForm submit={t('account.factor.confirm')} send={send}>
      <p>{t('account.factor.scan')}</p>
      <img src={picture} alt={t('account.factor.qr')} className="qr" />
      <p>
        {t('account.factor.type')} <code>{secret}</code>
      </p>
      <Field
        name="code"
        label={t('account.factor.code')}
        inputMode="numeric"
        autoComplete="one-time-code"
        isRequired
        autoFocus
      />
    </SentForm>
  )
}
