import { CalendarCheck, KeyRound, LockKeyhole, Video } from 'lucide-react'
import { type FormEvent, useRef, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { sessions } from '../../graphql/client'
import type { Party } from '../../session/session'
import { Button } from '../../ui/Button'
import { Choice } from '../../ui/Choice'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import type { Given } from '../../ui/SentForm'
import { useFaults } from '../../ui/useFaults'
import { type Answer, sessionOf } from './operations'
import { atFields } from './problems'
import { signIn, signInWithPasskey } from './signingIn'
import { UFS } from './ufs'
import { hasPasskeys, hostHasPasskeys, whyNot } from './webauthn'

const JOINING = { patient: '/sign-up', doctor: '/sign-up/doctor' } as const

export default function SignIn() {
  const { t } = useTranslation()
  const [who, setWho] = useState<Party>('patient')
  const [typed, setTyped] = useState<Given>({}) // kept from one form to the other, and back
  const form = useRef<HTMLFormElement>(null)

  function turnTo(role: Party) {
    const given = form.current ? (Object.fromEntries(new FormData(form.current)) as Given) : {}
    setTyped({ ...typed, ...given })
    setWho(role)
  }

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
        {sessions.lost && <Notice>{t('signIn.lost')}</Notice>}
        <Tabs selectedKey={who} onSelectionChange={role => turnTo(role as Party)}>
          <TabList aria-label={t('signIn.as')} className="tabs">
            <Tab id="patient" className="tab">
              {t('signIn.patient')}
            </Tab>
            <Tab id="doctor" className="tab">
              {t('signIn.doctor')}
            </Tab>
          </TabList>
          <TabPanel id={who}>
            <SignInForm who={who} typed={typed} form={form} />
          </TabPanel>
        </Tabs>
        <p className="onward">
          <Link to={JOINING[who]}>
            {t(who === 'patient' ? 'accounts.signUp' : 'accounts.signUpDoctor')}
          </Link>
          <Link to="/forgot-password">{t('accounts.forgot')}</Link>
        </p>
      </section>
    </div>
  )
}

interface Props {
  who: Party
  typed: Given
  form: React.Ref<HTMLFormElement>
}

function SignInForm({ who, typed, form }: Props) {
  const { t } = useTranslation()
  const { faults, setFaults, form: refusable } = useFaults()
  const [asksForCode, setAsksForCode] = useState(false)
  const [refused, setRefused] = useState(false)
  const [busy, setBusy] = useState<'' | 'password' | 'passkey'>('')
  const required = (name: string) =>
    ({ name, defaultValue: typed[name], isRequired: true, validationBehavior: 'native' }) as const

  async function enter(by: 'password' | 'passkey', answer: Promise<Answer>) {
    setBusy(by)
    try {
      const { session, problems } = await answer
      const found = session && sessionOf(session)
      if (found) return sessions.begin(found)
      setAsksForCode(asked => asked || problems.some(({ code }) => code === 'MFA_REQUIRED'))
      setRefused(problems.some(({ code }) => code === 'INVALID_CREDENTIALS'))
      setFaults(session ? { '': t('signIn.only') } : atFields(problems, t))
    } catch (fault) {
      setFaults({ '': t(by === 'passkey' ? `signIn.passkey.${whyNot(fault)}` : 'failed') })
    } finally {
      setBusy('')
    }
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = Object.fromEntries(new FormData(event.currentTarget)) as Given
    void enter('password', signIn(who, given))
  }

  return (
    <Form ref={form} onSubmit={submit} {...refusable} className="form">
      {faults[''] && <Notice kind="bad">{faults['']}</Notice>}
      {refused && (
        <p className="hint">
          {t('signIn.unconfirmed')} <Link to="/confirm-email">{t('accounts.again')}</Link>
        </p>
      )}
      {who === 'patient' ? (
        <>
          <Field
            {...required('email')}
            type="email"
            label={t('signIn.email')}
            autoComplete="email"
          />
          <Field
            {...required('cpf')}
            label={t('signIn.cpf')}
            inputMode="numeric"
            placeholder="000.000.000-00"
          />
        </>
      ) : (
        <div className="side-by-side">
          <Field {...required('crm')} label={t('signIn.crm')} autoComplete="username" />
          <Choice name="uf" label={t('signIn.uf')} options={UFS} first={typed.uf ?? 'SP'} />
        </div>
      )}
      <Field
        {...required('password')}
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
      <Button type="submit" isPending={busy === 'password'}>
        {busy === 'password' ? t('signIn.submitting') : t('signIn.submit')}
      </Button>
      {hasPasskeys() && hostHasPasskeys() && (
        <Button
          kind="quiet"
          isPending={busy === 'passkey'}
          onPress={() => enter('passkey', signInWithPasskey())}
        >
          <KeyRound size={18} aria-hidden /> {t('signIn.passkey.use')}
        </Button>
      )}
    </Form>
  )
}
