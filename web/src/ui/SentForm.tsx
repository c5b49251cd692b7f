import { type FormEvent, type ReactNode, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { Button } from './Button'
import { Notice } from './Notice'
import { type Faults, useFaults } from './useFaults'

export type Given = Record<string, string>

interface Props {
  submit: string
  kind?: 'main' | 'quiet' | 'danger'
  /** What came of it: no faults if it is done. Thrown is what kept it from being sent. */
  send: (given: Given) => Promise<Faults>
  /** Once something is typed or chosen. */
  onChange?: () => void
  children?: ReactNode
}

/** A form that stays as it was filled in until it is done; what is wrong is said at its field. */
export function SentForm({ submit, kind = 'main', send, onChange, children }: Props) {
  const { t } = useTranslation()
  const { faults, setFaults, form } = useFaults()
  const [busy, setBusy] = useState(false)

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = Object.fromEntries(new FormData(event.currentTarget)) as Given
    setBusy(true)
    try {
      setFaults(await send(given))
    } catch {
      setFaults({ '': t('failed') })
    } finally {
      setBusy(false)
    }
  }

  function onInput(event: FormEvent) {
    form.onInput(event)
    onChange?.()
  }

  return (
    <Form onSubmit={onSubmit} validationErrors={form.validationErrors}>
      <div onInput={onInput} className="form">
        {faults[''] && <Notice kind="bad">{faults['']}</Notice>}
        {children}
        <Button type="submit" kind={kind} isPending={busy}>
          {submit}
        </Button>
      </div>
    </Form>
  )
}
