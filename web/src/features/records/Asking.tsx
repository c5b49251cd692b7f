import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { BreakGlass, RequestAccess } from './patients'

const SHORTEST = { access: 10, glass: 20 } // characters: the server's own limits
const LONGEST = 500

interface Props {
  kind: 'access' | 'glass'
  patientId: string
  name: string
  onClose: () => void
  onDone: () => void
}

/** Why a doctor wants to see a record: said to its patient, who is asked; or, in an emergency, is
 * told. */
export function Asking({ kind, patientId, name, onClose, onDone }: Props) {
  const { t } = useTranslation()
  const [asking, ask] = useMutation(RequestAccess)
  const [breaking, breakGlass] = useMutation(BreakGlass)
  const [fault, setFault] = useState<string | null>(null)

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const words = String(new FormData(event.currentTarget).get('words'))
    const payload =
      kind === 'access'
        ? (await ask({ input: { patientId, message: words } })).data?.requestAccess
        : (await breakGlass({ input: { patientId, reason: words } })).data?.breakGlass
    if (payload && payload.problems.length === 0) return onDone()
    const problem = payload?.problems[0]
    if (!problem) setFault(t('patients.refused'))
    else if (problem.code === 'INVALID') setFault(t(`patients.${kind}.hint`))
    else if (problem.code === 'WRONG_STATUS') setFault(t(`patients.${kind}.already`))
    else setFault(t('patients.refused'))
  }

  return (
    <Ask title={t(`patients.${kind}.title`, { name })} open onClose={onClose}>
      <Form onSubmit={onSubmit} className="form">
        <p>{t(`patients.${kind}.text`)}</p>
        <Field
          name="words"
          label={t(`patients.${kind}.label`)}
          hint={t(`patients.${kind}.hint`)}
          lines={4}
          minLength={SHORTEST[kind]}
          maxLength={LONGEST}
          isRequired
          autoFocus
        />
        {fault && <Notice kind="bad">{fault}</Notice>}
        <div className="pair">
          <Button
            kind={kind === 'glass' ? 'danger' : 'main'}
            type="submit"
            isPending={asking.fetching || breaking.fetching}
          >
            {t(`patients.${kind}.submit`)}
          </Button>
          <Button kind="quiet" onPress={onClose}>
            {t('record.back')}
          </Button>
        </div>
      </Form>
    </Ask>
  )
}
