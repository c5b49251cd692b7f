import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'react-router'
import { ask } from '../../graphql/trusted'
import { Field } from '../../ui/Field'
import { AccountForm } from './AccountForm'
import { ConfirmEmail as Confirm, ResendConfirmation } from './accounts'

/** Where the link of a mail leads; without it, where another is asked for. */
export default function ConfirmEmail() {
  const token = useLocation().hash.slice(1)
  return token ? <Confirmation token={token} /> : <Again />
}

/** It takes a press, since programs that read mail open links too. */
function Confirmation({ token }: { token: string }) {
  const { t } = useTranslation()
  return (
    <AccountForm
      title={t('accounts.confirm')}
      lead={t('accounts.confirmLead')}
      submit={t('accounts.confirm')}
      done={t('accounts.confirmed')}
      send={async () => (await ask(Confirm, { token })).confirmEmail?.problems}
      onward={<Link to="/confirm-email">{t('accounts.again')}</Link>}
    />
  )
}

function Again() {
  const { t } = useTranslation()
  return (
    <AccountForm
      title={t('accounts.again')}
      lead={t('accounts.againLead')}
      submit={t('accounts.send')}
      done={t('accounts.againSent')}
      send={async ({ email = '' }) =>
        (await ask(ResendConfirmation, { email })).resendConfirmation?.problems
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
