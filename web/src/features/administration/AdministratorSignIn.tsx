import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { unmask } from '../../gql'
import { sessions } from '../../graphql/client'
import { ask } from '../../graphql/trusted'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { SignedIn, sessionOf } from '../auth/operations'
import { atFields } from '../auth/problems'
import { SignInAdministrator } from './operations'

/** No administrator signs in without a code, so that it is asked for at once. */
export function AdministratorSignIn() {
  const { t } = useTranslation()
  const [faults, setFaults] = useState<Record<string, string>>({})
  const [busy, setBusy] = useState(false)
  const required = { isRequired: true, validationBehavior: 'native' } as const
  const title = t('administration.signIn.title')

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>
    const { email = '', password = '', otp = '' } = given
    if (!otp.trim()) return setFaults({ otp: t('signIn.problems.MFA_REQUIRED') })
    setBusy(true)
    try {
      const input = { email, password, otp: otp.trim(), cookie: true }
      const answer = unmask(
        SignedIn,
        (await ask(SignInAdministrator, { input })).signInAdministrator,
      )
      const found = answer?.session && sessionOf(answer.session)
      if (found) return sessions.begin(found)
      setFaults(atFields(answer?.problems ?? [], t))
    } catch {
      setFaults({ '': t('failed') })
    } finally {
      setBusy(false)
    }
  }

  return (
    <div className="page account">
      <title>{title}</title>
      <section className="card sign-in">
        <h1>{title}</h1>
        <Form onSubmit={submit} validationErrors={faults} className="form">
          {faults[''] && <Notice kind="bad">{faults['']}</Notice>}
          <Field
            {...required}
            name="email"
            type="email"
            label={t('signIn.email')}
            autoComplete="username"
          />
          <Field
            {...required}
            name="password"
            type="password"
            label={t('signIn.password')}
            autoComplete="current-password"
          />
          <Field
            name="otp"
            label={t('administration.signIn.code')}
            hint={t('administration.signIn.codeHint')}
            // Not when it is left: the button would move away under the pointer that presses it.
            onChange={() => setFaults({})}
            autoComplete="one-time-code"
          />
          <Button type="submit" isPending={busy}>
            {busy ? t('signIn.submitting') : t('signIn.submit')}
          </Button>
        </Form>
      </section>
    </div>
  )
}
