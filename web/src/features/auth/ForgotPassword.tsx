import { useTranslation } from 'react-i18next'
import { ask } from '../../graphql/trusted'
import { Field } from '../../ui/Field'
import { AccountForm } from './AccountForm'
import { RequestPasswordReset } from './accounts'

export default function ForgotPassword() {
  const { t } = useTranslation()
  return (
    <AccountForm
      title={t('accounts.forgot')}
      lead={t('accounts.forgotLead')}
      submit={t('accounts.send')}
      done={t('accounts.sent')}
      send={async ({ email = '' }) =>
        (await ask(RequestPasswordReset, { email })).requestPasswordReset?.problems
      }
    >
      <Field
        name="email"
        type="email"
        label={t('signIn.email')}
        autoComplete="email"
        isRequired
        validationBehavior="native"
      />
    </AccountForm>
  )
}
