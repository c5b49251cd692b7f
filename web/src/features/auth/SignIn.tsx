import { CalendarCheck, LockKeyhole, Video } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { unmask } from '../../gql'
import type { Uf } from '../../gql/graphql'
import { sessions } from '../../graphql/client'
import { ask } from '../../graphql/trusted'
import type { Party } from '../../session/session'
import { Button } from '../../ui/Button'
import { Choice } from '../../ui/Choice'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { type Answer, SignedIn, SignInDoctor, SignInPatient, sessionOf } from './operations'
import { atFields } from './problems'

const UFS = [
  ...['AC', 'AL', 'AM', 'AP', 'BA', 'CE', 'DF', 'ES', 'GO', 'MA', 'MG', 'MS', 'MT', 'PA', 'PB'],
  ...['PE', 'PI', 'PR', 'RJ', 'RN', 'RO', 'RR', 'RS', 'SC', 'SE', 'SP', 'TO'],
]

export default function SignIn() {
  const { t } = useTranslation()
  return (
    <div className="welcome">
      <title>{t('brand')}</title>
      <section className="promise">
        <h1>{t('signIn.lead')}</h1>
        <ul>
          <li>
            <CalendarCheck aria-hidden /> {t('signIn.claims.live')}
          </li>
          <li>
            <Video aria-hidden /> {t('signIn.claims.direct')}
          </li>
          <li>
            <LockKeyhole aria-hidden /> {t('signIn.claims.yours')}
          </li>
        </ul>
      </section>
      <section className="card sign-in" aria-labelledby="sign-in">
        <h2 id="sign-in">{t('signIn.title')}</h2>
        <Tabs>
          <TabList aria-label={t('signIn.as')} className="tabs">
            <Tab id="patient" className="tab">
              {t('signIn.patient')}
            </Tab>
            <Tab id="doctor" className="tab">
              {t('signIn.doctor')}
            </Tab>
          </TabList>
          <TabPanel id="patient">
            <SignInForm who="patient" />
          </TabPanel>
          <TabPanel id="doctor">
            <SignInForm who="doctor" />
          </TabPanel>
        </Tabs>
        <p className="onward">
          <Link to="/sign-up">{t('accounts.signUp')}</Link>
          <Link to="/forgot-password">{t('accounts.forgot')}</Link>
        </p>
      </section>
    </div>
  )
}

function SignInForm({ who }: { who: Party }) {
  const { t } = useTranslation()
  const [faults, setFaults] = useState<Record<string, string>>({})
  const [asksForCode, setAsksForCode] = useState(false)
  const [busy, setBusy] = useState(false)
  const required = { isRequired: true, validationBehavior: 'native' } as const

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>
    setBusy(true)
    try {
      const { session, problems } = await signIn(who, given)
      const found = session && sessionOf(session)
      if (found) return sessions.begin(found)
      setAsksForCode(asked => asked || problems.some(({ code }) => code === 'MFA_REQUIRED'))
      setFaults(session ? { '': t('signIn.only') } : atFields(problems, t))
    } catch {
      setFaults({ '': t('failed') })
    } finally {
      setBusy(false)
    }
  }

  return (
    <Form onSubmit={submit} validationErrors={faults} className="form">
      {faults[''] && <Notice kind="bad">{faults['']}</Notice>}
      {who === 'patient' ? (
        <>
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
          />
        </>
      ) : (
        <div className="side-by-side">
          <Field {...required} name="crm" label={t('signIn.crm')} autoComplete="username" />
          <Choice name="uf" label={t('signIn.uf')} options={UFS} first="SP" />
        </div>
      )}
      <Field
        {...required}
        name="password"
        type="password"
        label={t('signIn.password')}
        autoComplete="current-password"
      />
      {asksForCode && (
        <Field
          name="otp"
          label={t('signIn.otp')}
          hint={t('signIn.otpHint')}
          autoComplete="one-time-code"
          autoFocus
        />
      )}
      <Button type="submit" isPending={busy}>
        {busy ? t('signIn.submitting') : t('signIn.submit')}
      </Button>
    </Form>
  )
}

async function signIn(role: Party, given: Record<string, string>): Promise<Answer> {
  const { email = '', cpf = '', crm = '', uf, password = '' } = given
  const otp = given.otp?.trim() || null
  const cookie = true // what renews the session is out of every script's reach
  const answer =
    role === 'patient'
      ? (await ask(SignInPatient, { input: { email, cpf, password, otp, cookie } })).signInPatient
      : (await ask(SignInDoctor, { input: { crm, uf: uf as Uf, password, otp, cookie } }))
          .signInDoctor
  const answered = unmask(SignedIn, answer)
  if (!answered) throw new Error('no answer')
  return answered
}
