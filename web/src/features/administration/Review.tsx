import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { type Emergency, ReviewEmergency } from './emergencies'

interface Props {
  row: Emergency
  onClose: () => void
  onDone: () => void
}

/** What came of an access, written down once. */
export function Review({ row, onClose, onDone }: Props) {
  const { t } = useTranslation()
  const [fault, setFault] = useState<string | null>(null)
  const [{ fetching }, review] = useMutation(ReviewEmergency)
  const { name } = row.doctor

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const note = String(new FormData(event.currentTarget).get('note'))
    const { data } = await review({ emergencyId: row.id, note })
    const answered = data?.reviewEmergencyAccess
    const [problem] = answered?.problems ?? []
    if (!answered) setFault(t('failed'))
    else if (problem) {
      const why = problem.path[0] === 'note' ? 'fault' : 'late'
      setFault(t(`administration.emergencies.reviewing.${why}`))
    } else {
      onClose()
      onDone()
    }
  }

  return (
    <Ask title={t('administration.emergencies.reviewing.title', { name })} open onClose={onClose}>
      <Form onSubmit={onSubmit} className="form">
        <p>{t('administration.emergencies.reviewing.text')}</p>
        {fault && <Notice kind="bad">{fault}</Notice>}
        <Field
          name="note"
          label={t('administration.emergencies.reviewing.label')}
          hint={t('administration.emergencies.reviewing.hint')}
          lines={5}
          minLength={10}
          maxLength={500}
          isRequired
          autoFocus
        />
        <div className="pair">
          <Button type="submit" isPending={fetching}>
            {t('administration.emergencies.reviewing.submit')}
          </Button>
          <Button kind="quiet" onPress={onClose}>
            {t('administration.back')}
          </Button>
        </div>
      </Form>
    </Ask>
  )
}
