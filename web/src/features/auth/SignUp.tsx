import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { ask } from '../../graphql/trusted'
import { mailIn } from '../../i18n/i18n'
import { ownZone } from '../../i18n/times'
import { Field } from '../../ui/Field'
import type { Given } from '../../ui/SentForm'
import { AccountForm } from './AccountForm'
import { RegisterPatient } from './accounts'
import { isCpf, punctuated } from './cpf'
import { NewPassword } from './NewPassword'
import { useEntry } from './useEntry'

/** A patient joins; where no address has to be confirmed first, he is in. */
export default function SignUp() {
  const { t, i18n } = useTranslation()
  const enter = useEntry()
  const [cpf, setCpf] = useState('')
  const required = { isRequired: true, validationBehavior: 'native' } as const
  const whole = cpf.replace(/\D/g, '').length === 11
  const hint = whole && !isCpf(cpf) ? t('accounts.cpfWrong') : t('accounts.cpfHint')

  async function send(given: Given) {
    const { name = '', email = '', cpf = '', password = '', birthDate } = given
    const told = { language: mailIn(i18n.language), timeZone: ownZone() }
    const input = { name, email, cpf, password, birthDate: birthDate || null, ...told }
    const { problems } = (await ask(RegisterPatient, { input })).registerPatient ?? {}
    if (problems?.length === 0) await enter('patient', given)
    return problems
  }

  return (
    <AccountForm
      title={t('accounts.signUp')}
      submit={t('accounts.create')}
      done={t('accounts.created')}
      send={send}
      onward={
        <>
          <Link to="/confirm-email">{t('accounts.again')}</Link>
          <Link to="/sign-up/doctor">{t('accounts.signUpDoctor')}</Link>
        </>
      }
    >
      <Field
        {...required}
        name="name"
        label={t('accounts.name')}
        autoComplete="name"
        minLength={2}
        maxLength={120}
      />
      <Field
        {...required}
        name="email"
        type="email"
        label={t('signIn.email')}
        autoComplete="email"
      />
      <Field
        {...required}
        name="cpf"
        label={t('signIn.cpf')}
        inputMode="numeric"
        placeholder="000.000.000-00"
        value={cpf}
        onChange={typed => setCpf(punctuated(typed))}
        validate={typed => (isCpf(typed) ? null : t('accounts.cpfWrong'))}
        hint={hint}
      />
      <Field name="birthDate" type="date" label={t('accounts.birthDate')} autoComplete="bday" />
      <NewPassword name="password" label={t('signIn.password')} />
    </AccountForm>
  )
}
