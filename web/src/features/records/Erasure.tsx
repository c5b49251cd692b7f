import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useMutation } from 'urql'
import { unmask } from '../../gql'
import { sessions } from '../../graphql/client'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { EraseAccount, Erased } from './exports'
import { refusal } from './refusal'

/** The end of the account: what that removes and what it does not, and a word to be typed. */
export function Erasure({ secondFactor }: { secondFactor: boolean }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [{ fetching }, erase] = useMutation(EraseAccount)
  const [asking, setAsking] = useState(false)
  const [word, setWord] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const wanted = t('exports.erase.word')

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const input = {
      password: String(given.get('password')),
      otp: String(given.get('otp') ?? '') || null,
    }
    const { data } = await erase({ input })
    const report = unmask(Erased, data?.eraseAccount?.report)
    if (report) {
      await navigate('/', { state: { erased: report }, replace: true })
      return sessions.end()
    }
    const code = data?.eraseAccount?.problems[0]?.code
    if (code === 'WRONG_STATUS') setFault(t('exports.erase.visit'))
    else setFault(code ? refusal(code, t) : t('failed'))
  }

  return (
    <section className="card box">
      <h2>{t('exports.erase.title')}</h2>
      <p>{t('exports.erase.removed')}</p>
      <p>{t('exports.erase.kept')}</p>
      {!asking && (
        <div>
          <Button kind="quiet" onPress={() => setAsking(true)}>
            {t('exports.erase.begin')}
          </Button>
        </div>
      )}
      {asking && (
        <Form onSubmit={onSubmit} className="form">
          <Field
            label={t('exports.erase.type', { word: wanted })}
            value={word}
            onChange={setWord}
            autoComplete="off"
            autoFocus
          />
          <Field
            name="password"
            type="password"
            label={t('exports.password')}
            autoComplete="current-password"
            isRequired
          />
          {secondFactor && (
            <Field name="otp" label={t('signIn.otp')} hint={t('signIn.otpHint')} isRequired />
          )}
          {fault && <Notice kind="bad">{fault}</Notice>}
          <div className="pair">
            <Button
              kind="danger"
              type="submit"
              isPending={fetching}
              isDisabled={word.trim().toLowerCase() !== wanted.toLowerCase()}
            >
              {t('exports.erase.submit')}
            </Button>
            <Button kind="quiet" onPress={() => setAsking(false)}>
              {t('record.back')}
            </Button>
          </div>
        </Form>
      )}
    </section>
  )
}
