import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { sessions } from '../../graphql/client'
import { Notice } from '../../ui/Notice'
import { type Given, SentForm } from '../../ui/SentForm'
import { faultsOf, type Problem } from '../auth/faults'

interface Props {
  /** What is known and cannot be changed here. */
  fixed: readonly (readonly [label: string, value: string])[]
  fixedHint: string
  send: (given: Given) => Promise<readonly Problem[]>
  fieldOf?: (path: readonly string[]) => string
  /** Whether something else than what is typed is not saved. */
  changed?: boolean
  /** Told when something is chosen; what is typed is seen anyway. */
  children: (onChosen: () => void) => ReactNode
}

/** What is not saved stays as it is typed, and nobody leaves the page by mistake. */
export function ProfileForm({ fixed, fixedHint, send, fieldOf, changed, children }: Props) {
  const { t } = useTranslation()
  const [state, setState] = useState<'same' | 'typed' | 'saved'>('same')
  const unsaved = state === 'typed' || changed === true

  useEffect(() => {
    if (!unsaved) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [unsaved])

  async function onSend(given: Given) {
    const problems = await send(given)
    if (problems.length === 0) {
      setState('saved')
      void sessions.refresh().catch(() => undefined) // the page's head has the name from there
    }
    return faultsOf(problems, given, t, fieldOf)
  }

  return (
    <section className="card panel" aria-labelledby="profile">
      <h2 id="profile">{t('profile.title')}</h2>
      <dl className="fixed">
        {fixed.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="hint">{fixedHint}</p>
      <SentForm submit={t('profile.save')} send={onSend} onChange={() => setState('typed')}>
        {children(() => setState('typed'))}
        {unsaved && <p className="hint">{t('profile.unsaved')}</p>}
        {state === 'saved' && !unsaved && <Notice>{t('profile.saved')}</Notice>}
      </SentForm>
    </section>
  )
}
