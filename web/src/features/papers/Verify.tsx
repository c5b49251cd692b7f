import { type FormEvent, useEffect, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { VerdictCard } from './VerdictCard'
import { codeOf, type Verdict, verify } from './verifying'
import './papers.css'

/** For whoever was handed a paper: was it issued here, and is this the file? */
export default function Verify() {
  const { t } = useTranslation()
  const [query, setQuery] = useSearchParams()
  const [fault, setFault] = useState<string | null>(null)
  const [verdict, setVerdict] = useState<Verdict | 'failed' | 'asking' | null>(null)
  const given = query.get('code') ?? ''
  const code = codeOf(given)

  useEffect(() => {
    let here = true
    setVerdict(code ? 'asking' : null)
    if (code) {
      verify(code).then(
        found => here && setVerdict(found),
        () => here && setVerdict('failed'),
      )
    }
    return () => {
      here = false
    }
  }, [code])

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const typed = String(new FormData(event.currentTarget).get('code'))
    setFault(codeOf(typed) ? null : t('verify.badCode'))
    if (codeOf(typed)) setQuery({ code: typed.trim() })
  }

  const wrong = fault ?? (given && !code ? t('verify.badCode') : null)
  return (
    <div className="page">
      <title>{t('verify.title')}</title>
      <h1>{t('verify.title')}</h1>
      <p>{t('verify.lead')}</p>
      <Form
        onSubmit={onSubmit}
        validationErrors={wrong ? { code: wrong } : {}}
        className="card box form"
      >
        <Field
          key={given}
          name="code"
          label={t('verify.code')}
          hint={t('verify.codeHint')}
          defaultValue={given}
          // Not when it is left: the button would move away under the pointer that presses it.
          onChange={() => setFault(null)}
          maxLength={60}
          autoComplete="off"
          isRequired
        />
        <div>
          <Button type="submit">{t('verify.submit')}</Button>
        </div>
      </Form>
      <div aria-live="polite">
        {verdict === 'asking' && <Loading />}
        {verdict === 'failed' && <Notice kind="bad">{t('failed')}</Notice>}
        {verdict && typeof verdict === 'object' && 'wait' in verdict && (
          <Notice kind="bad">{t('verify.often', { count: verdict.wait })}</Notice>
        )}
        {verdict === 'unknown' && (
          <section className="card verdict bad">
            <h2>{t('verify.unknown')}</h2>
            <p>{t('verify.unknownText')}</p>
          </section>
        )}
        {verdict && typeof verdict === 'object' && 'sha256' in verdict && (
          <VerdictCard key={code} found={verdict} />
        )}
      </div>
    </div>
  )
}
