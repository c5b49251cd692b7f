import { useState } from 'react'
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { MessageForm } from './MessageForm'
import { AnswerInPerson } from './operations'
import { refusal } from './refusal'

/** The doctor says whether he will see the patient, and where and when, or why not. */
export function Answer({ requestId, name }: { requestId: string; name: string }) {
  const { t } = useTranslation()
  const [{ fetching }, answer] = useMutation(AnswerInPerson)
  const [open, setOpen] = useState(false)
  const [accepted, setAccepted] = useState(true)
  const [fault, setFault] = useState<string | null>(null)

  async function onSay(message: string) {
    const { data, error } = await answer({ input: { requestId, accepted, message } })
    const answered = data?.answerInPersonRequest
    if (error || !answered) return setFault(t('failed'))
    const [problem] = answered.problems
    if (problem) return setFault(t(refusal(problem)))
    setOpen(false)
  }

  return (
    <>
      <Button onPress={() => setOpen(true)}>{t('inPerson.answer')}</Button>
      <Ask title={t('inPerson.answering', { name })} open={open} onClose={() => setOpen(false)}>
        <MessageForm
          label={t('inPerson.yourAnswer')}
          hint={t(accepted ? 'inPerson.acceptHint' : 'inPerson.refuseHint')}
          submit={t('inPerson.sendAnswer')}
          busy={fetching}
          fault={fault}
          onSay={onSay}
          onClose={() => setOpen(false)}
        >
          <RadioGroup
            className="answer-choice"
            aria-label={t('inPerson.answering', { name })}
            value={accepted ? 'yes' : 'no'}
            onChange={value => setAccepted(value === 'yes')}
          >
            <Radio value="yes" className="answer-option">
              {t('inPerson.accept')}
            </Radio>
            <Radio value="no" className="answer-option">
              {t('inPerson.refuse')}
            </Radio>
          </RadioGroup>
        </MessageForm>
      </Ask>
    </>
  )
}
