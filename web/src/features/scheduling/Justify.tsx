import type { FormEvent } from 'react'
import { Form } from 'react-aria-components/Form'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'

interface Props {
  texts: { title: string; justification: string; hint: string; submit: string; back: string }
  open: boolean
  busy: boolean
  fault: string | null
  onClose: () => void
  onSay: (justification: string) => void
}

/** Asks why, before an appointment is declined or called off; the other side reads it. */
export function Justify({ texts, open, busy, fault, onClose, onSay }: Props) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    onSay(String(new FormData(event.currentTarget).get('justification')))
  }
  return (
    <Ask title={texts.title} open={open} onClose={onClose}>
      <Form onSubmit={submit} className="form">
        {fault && <Notice kind="bad">{fault}</Notice>}
        <Field
          name="justification"
          label={texts.justification}
          hint={texts.hint}
          lines={4}
          minLength={10}
          maxLength={500}
          isRequired
          autoFocus
        />
        <div className="pair">
          <Button kind="danger" type="submit" isPending={busy}>
            {texts.submit}
          </Button>
          <Button kind="quiet" onPress={onClose}>
            {texts.back}
          </Button>
        </div>
      </Form>
    </Ask>
  )
}
