import { Check } from 'lucide-react'
import { type FormEvent, useRef, useState } from 'react'
import { Checkbox } from 'react-aria-components/Checkbox'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useMutation } from 'urql'
import type { ChosenTimeQuery } from '../../gql/graphql'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { InTheWayOf } from './Obstacle'
import { type Obstacle, RequestVisit } from './operations'

interface Props {
  slotId: string
  page: string
  consentText: NonNullable<ChosenTimeQuery['consentText']> | null
}

/** What the visit is for, and the consent without which there is none by video. */
export function RequestForm({ slotId, page, consentText }: Props) {
  const { t } = useTranslation()
  const go = useNavigate()
  const [{ fetching }, request] = useMutation(RequestVisit)
  const [consent, setConsent] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const [obstacle, setObstacle] = useState<Obstacle | null>(null)
  // Until there is an answer the same request has the same key, so that it is made once.
  const pending = useRef({ key: '', said: '' })

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    setObstacle(null)
    if (!consent) return setFault(t('booking.consentMissing'))
    setFault(null)
    const said = String(new FormData(event.currentTarget).get('reason')).trim()
    if (pending.current.key === '' || pending.current.said !== said) {
      pending.current = { key: crypto.randomUUID(), said }
    }
    const { data, error } = await request({
      input: {
        slotId,
        reason: said || null,
        consent,
        idempotencyKey: pending.current.key,
        consentVersion: consentText?.version ?? null,
        consentLanguage: consentText?.language ?? null,
      },
    })
    if (error || !data?.requestAppointment) return setFault(t('failed'))
    pending.current = { key: '', said: '' }
    const [first] = data.requestAppointment.problems
    if (first) return setObstacle(first)
    await go('/appointments', { replace: true, state: { requested: true } })
  }

  return (
    <Form onSubmit={submit} className="form">
      <Field
        name="reason"
        label={t('booking.reason')}
        hint={t('booking.reasonHint')}
        lines={4}
        maxLength={1000}
      />
      {consentText && (
        <details className="consent" open>
          <summary>{t('booking.consentText')}</summary>
          {consentText.text.split('\n\n').map(paragraph => (
            <p key={paragraph} lang={consentText.language}>
              {paragraph}
            </p>
          ))}
        </details>
      )}
      <Checkbox
        name="consent"
        isSelected={consent}
        onChange={setConsent}
        isInvalid={fault !== null && !consent}
        className="checkbox"
      >
        <span className="tick">{consent && <Check size={16} aria-hidden />}</span>
        {t('booking.consent')}
      </Checkbox>
      {fault && <Notice kind="bad">{fault}</Notice>}
      {obstacle && <InTheWayOf obstacle={obstacle} page={page} />}
      <Button type="submit" isPending={fetching}>
        {t('booking.submit')}
      </Button>
    </Form>
  )
}
