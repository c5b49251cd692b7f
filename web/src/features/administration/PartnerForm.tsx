import type { FormEvent } from 'react'
import { Checkbox } from 'react-aria-components/Checkbox'
import { CheckboxGroup } from 'react-aria-components/CheckboxGroup'
import { FieldError } from 'react-aria-components/FieldError'
import { Form } from 'react-aria-components/Form'
import { Label } from 'react-aria-components/Label'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { useFaults } from '../../ui/useFaults'
import { type Partner, RegisterPartner, SCOPES, UpdatePartner, wordOf } from './partners'
import type { Told } from './Secret'

interface Props {
  /** None: a new one. */
  partner?: Partner
  onClose: () => void
  onSecret: (told: Told) => void
}

/** A partner's name, and what it may do. */
export function PartnerForm({ partner, onClose, onSecret }: Props) {
  const { t } = useTranslation()
  const { faults, setFaults, form } = useFaults()
  const [adding, add] = useMutation(RegisterPartner)
  const [changing, change] = useMutation(UpdatePartner)
  const words = partner ? 'editing' : 'adding'

  async function save(name: string, scopes: string[]) {
    if (partner) {
      const { data } = await change({ input: { partnerId: partner.id, name, scopes } })
      return data?.updatePartner
    }
    const { data } = await add({ input: { name, scopes } })
    const secret = data?.registerPartner?.clientSecret
    if (secret) onSecret({ name, secret })
    return data?.registerPartner
  }

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const scopes = given.getAll('scopes').map(String)
    if (scopes.length === 0)
      return setFaults({ scopes: t('administration.partners.faults.scopes') })
    const answered = await save(String(given.get('name')), scopes)
    if (!answered) return setFaults({ '': t('failed') })
    const [problem] = answered.problems
    if (!problem) return onClose()
    const field = (['name', 'scopes'] as const).find(each => each === problem.path[0])
    setFaults({ [field ?? '']: t(`administration.partners.faults.${field ?? 'other'}`) })
  }

  const name = partner?.name ?? ''
  return (
    <Ask title={t(`administration.partners.${words}.title`, { name })} open onClose={onClose}>
      <Form onSubmit={onSubmit} {...form} className="form">
        {faults[''] && <Notice kind="bad">{faults['']}</Notice>}
        <Field
          name="name"
          label={t('administration.partners.name')}
          defaultValue={name}
          minLength={2}
          maxLength={120}
          isRequired
          autoFocus
        />
        <CheckboxGroup
          name="scopes"
          defaultValue={[...(partner?.scopes ?? ['doctors:read', 'slots:read'])]}
          className="field choices"
        >
          <Label>{t('administration.partners.scopes')}</Label>
          {SCOPES.map(scope => (
            <Checkbox key={scope} value={scope} className="pick square">
              {t(`administration.partners.scope.${wordOf(scope)}`)}
            </Checkbox>
          ))}
          <FieldError className="wrong" />
        </CheckboxGroup>
        {partner && <p className="hint">{t('administration.partners.editing.text')}</p>}
        <div className="pair">
          <Button type="submit" isPending={adding.fetching || changing.fetching}>
            {t(`administration.partners.${words}.submit`)}
          </Button>
          <Button kind="quiet" onPress={onClose}>
            {t('administration.back')}
          </Button>
        </div>
      </Form>
    </Ask>
  )
}
