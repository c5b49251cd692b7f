import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Notice } from '../../ui/Notice'
import { type Given, SentForm } from '../../ui/SentForm'
import { faultsOf, type Problem } from './faults'

interface Props {
  title: string
  lead?: string
  submit: string
  /** Said once it is done. */
  done: string
  send: (given: Given) => Promise<readonly Problem[] | undefined>
  /** Where a path of the input is filled in, if it is not where it begins. */
  fieldOf?: (path: readonly string[]) => string
  /** To other pages, beside the one for signing in. */
  onward?: ReactNode
  children?: ReactNode
}

/** A page with one form, for who is not signed in; what is wrong is said at its field. */
export function AccountForm(props: Props) {
  const { title, lead, submit, done, send, fieldOf, onward, children } = props
  const { t } = useTranslation()
  const [isDone, setDone] = useState(false)

  async function onSend(given: Given) {
    const problems = await send(given)
    if (!problems) throw new Error('no answer')
    setDone(problems.length === 0)
    return faultsOf(problems, given, t, fieldOf)
  }

  return (
    <div className="page account">
      <title>{title}</title>
      <section className="card sign-in">
        <h1>{title}</h1>
        {isDone ? (
          <Notice>{done}</Notice>
        ) : (
          <SentForm submit={submit} send={onSend}>
            {lead && <p>{lead}</p>}
            {children}
          </SentForm>
        )}
        <p className="onward">
          <Link to="/">{t('signIn.title')}</Link>
          {onward}
        </p>
      </section>
    </div>
  )
}
