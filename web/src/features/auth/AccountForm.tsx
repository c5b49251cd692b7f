import { type FormEvent, type ReactNode, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import type { Problem } from './operations'

const SAID = ['INVALID', 'ALREADY_REGISTERED', 'TOKEN_EXPIRED', 'TOO_MANY_ATTEMPTS'] as const

type Given = Record<string, string>

interface Props {
  title: string
  lead?: string
  submit: string
  /** Said once it is done. */
  done: string
  send: (given: Given) => Promise<readonly Problem[] | undefined>
  children?: ReactNode
}

/** A page with one form, for who is not signed in; what is wrong is said at its field. */
export function AccountForm({ title, lead, submit, done, send, children }: Props) {
  const { t } = useTranslation()
  const [faults, setFaults] = useState<Given>({})
  const [busy, setBusy] = useState(false)
  const [isDone, setDone] = useState(false)

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = Object.fromEntries(new FormData(event.currentTarget)) as Given
    setBusy(true)
    try {
      const problems = await send(given)
      if (!problems) throw new Error('no answer')
      const told: Given = {}
      for (const { code, path } of problems) {
        const field = path[0] && path[0] in given ? path[0] : ''
        told[field] ??=
          field === 'password'
            ? t('accounts.password')
            : t(`accounts.problems.${SAID.find(each => each === code) ?? 'other'}`)
      }
      setFaults(told)
      setDone(problems.length === 0)
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
        {isDone ? (
          <Notice>{done}</Notice>
        ) : (
          <Form onSubmit={onSubmit} validationErrors={faults} className="form">
            {lead && <p>{lead}</p>}
            {faults[''] && <Notice kind="bad">{faults['']}</Notice>}
            {children}
            <Button type="submit" isPending={busy}>
              {submit}
            </Button>
          </Form>
        )}
        <p className="onward">
          <Link to="/">{t('signIn.title')}</Link>
        </p>
      </section>
    </div>
  )
}
