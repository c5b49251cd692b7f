import { useTranslation } from 'react-i18next'
import { Field } from '../../ui/Field'

interface Props {
  /** Of the field for the code; null: the account has no second factor. */
  code: string | null
}

/** That it is the owner who asks: the password, and a code if he has a second factor. */
export function Proof({ code }: Props) {
  const { t } = useTranslation()
  return (
    <>
      <Field
        name="password"
        type="password"
        label={t('account.password')}
        autoComplete="current-password"
        isRequired
      />
      {code && (
        <Field
          name={code}
          label={t('signIn.otp')}
          hint={t('signIn.otpHint')}
          autoComplete="one-time-code"
          isRequired
        />
      )}
    </>
  )
}
