import type { FormEvent, ReactNode } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'

interface Props {
  label: string
  hint: string
  submit: string
  busy: boolean
  fault: string | null
  onSay: (message: string) => void
  onClose: () => void
  children?: ReactNode
}

/** What one of the two has to say to the other. */
export function MessageForm(props: Props) {
  const { label, hint, submit, busy, fault, onSay, onClose, children } = props
  const { t } = useTranslation()

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    onSay(String(new FormData(event.currentTarget).get('message')).trim())
  }

  return (
    <Form onSubmit={onSubmit} className="form">
      {fault && <Notice kind="bad">{fault}</Notice>}
      {children}
      <Field
        name="message"
        label={label}
        hint={hint}
        lines={4}
        minLength={10}
        maxLength={500}
        isRequired
      />
      <div className="pair">
        <Button type="submit" isPending={busy}>
          {submit}
        </Button>
        <Button kind="quiet" onPress={onClose}>
          {t('own.back')}
        </Button>
      </div>
    </Form>
  )
}
