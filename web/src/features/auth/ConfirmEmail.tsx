import { useTranslation } from 'react-i18next'
import { useLocation } from 'react-router'
import { ask } from '../../graphql/trusted'
import { AccountForm } from './AccountForm'
import { ConfirmEmail as Confirm } from './accounts'

/** Where the link of a mail leads. It takes a press, since programs that read mail open links too. */
export default function ConfirmEmail() {
  const { t } = useTranslation()
  const token = useLocation().hash.slice(1)
  return (
    <AccountForm
      title={t('accounts.confirm')}
      lead={t('accounts.confirmLead')}
      submit={t('accounts.confirm')}
      done={t('accounts.confirmed')}
      send={async () => (await ask(Confirm, { token })).confirmEmail?.problems}
    />
  )
}
