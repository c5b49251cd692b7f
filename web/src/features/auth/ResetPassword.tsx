import { useTranslation } from 'react-i18next'
import { useLocation } from 'react-router'
import { ask } from '../../graphql/trusted'
import { Field } from '../../ui/Field'
import { AccountForm } from './AccountForm'
import { ResetPassword as Reset } from './accounts'

/** Where the link of a mail leads. */
export default function ResetPassword() {
  const { t } = useTranslation()
  const token = useLocation().hash.slice(1)
  return (
    <AccountForm
      title={t('accounts.reset')}
      submit={t('accounts.save')}
      done={t('accounts.saved')}
      send={async ({ password = '' }) =>
        (await ask(Reset, { input: { token, password } })).resetPassword?.problems
      }
    >
      <Field
        name="password"
        type="password"
        label={t('accounts.newPassword')}
        hint={t('accounts.password')}
        minLength={8}
        maxLength={128}
        autoComplete="new-password"
        isRequired
        validationBehavior="native"
      />
    </AccountForm>
  )
}
