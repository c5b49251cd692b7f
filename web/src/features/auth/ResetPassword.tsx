import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'react-router'
import { ask } from '../../graphql/trusted'
import { AccountForm } from './AccountForm'
import { ResetPassword as Reset } from './accounts'
import { NewPassword } from './NewPassword'

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
      onward={<Link to="/forgot-password">{t('accounts.forgot')}</Link>}
    >
      <NewPassword name="password" label={t('accounts.newPassword')} />
    </AccountForm>
  )
}
