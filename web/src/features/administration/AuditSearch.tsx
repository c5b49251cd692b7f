import type { FormEvent } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { FIELDS, type faultsOf, type Wanted } from './audit'
import { actionsIn } from './labels'

interface Props {
  wanted: Wanted
  faults: ReturnType<typeof faultsOf>
}

/** What is looked for; it stands in the page's address. */
export function AuditSearch({ wanted, faults }: Props) {
  const { t, i18n } = useTranslation()
  const navigate = useNavigate()
  const { actor, subject, action, from, to } = wanted
  const told = Object.fromEntries(
    Object.entries(faults).map(([field, fault]) => [field, t(`administration.audit.${fault}`)]),
  )

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const query = new URLSearchParams()
    for (const name of FIELDS) {
      const value = String(given.get(name) ?? '').trim()
      if (value) query.set(name, value)
    }
    navigate(`/admin/audit?${query}`)
  }

  return (
    <Form onSubmit={onSubmit} validationErrors={told} className="filter card box">
      <label className="field">
        <span>{t('administration.audit.action')}</span>
        <select name="action" defaultValue={action}>
          <option value="">{t('administration.audit.anything')}</option>
          {actionsIn(i18n).map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <Field name="from" type="date" label={t('administration.audit.from')} defaultValue={from} />
      <Field name="to" type="date" label={t('administration.audit.to')} defaultValue={to} />
      <Field
        name="actor"
        label={t('administration.audit.actor')}
        hint={t('administration.audit.actorHint')}
        defaultValue={actor}
      />
      <Field
        name="subject"
        label={t('administration.audit.subject')}
        hint={t('administration.audit.subjectHint')}
        defaultValue={subject}
      />
      <div className="pair">
        <Button type="submit">{t('administration.audit.search')}</Button>
        <Button kind="quiet" onPress={() => navigate('/admin/audit')}>
          {t('administration.audit.clear')}
        </Button>
      </div>
    </Form>
  )
}
