import { MapPinned } from 'lucide-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useMutation } from 'urql'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { MessageForm } from './MessageForm'
import { AskInPerson as AskDoctor } from './operations'
import { refusal } from './refusal'

/** For the patient who wants no telemedicine, or no more of it. */
export function AskInPerson({ doctorId, name }: { doctorId: string; name: string }) {
  const { t } = useTranslation()
  const [{ fetching }, ask] = useMutation(AskDoctor)
  const [open, setOpen] = useState(false)
  const [asked, setAsked] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  // Until there is an answer the same words have the same key, so that they are said once.
  const pending = useRef({ key: '', message: '' })

  async function onSay(message: string) {
    if (pending.current.message !== message) {
      pending.current = { key: crypto.randomUUID(), message }
    }
    const { data, error } = await ask({
      input: { doctorId, message, idempotencyKey: pending.current.key },
    })
    const answer = data?.requestInPersonVisit
    if (error || !answer) return setFault(t('failed'))
    pending.current = { key: '', message: '' } // what was refused may be asked for again later
    const [problem] = answer.problems
    setFault(problem ? t(refusal(problem)) : null)
    if (problem) return
    setAsked(true)
    setOpen(false)
  }

  return (
    <div className="in-person-ask">
      <Button kind="quiet" onPress={() => setOpen(true)}>
        <MapPinned size={18} aria-hidden /> {t('inPerson.ask')}
      </Button>
      {asked && (
        <Notice>
          {t('inPerson.asked', { name })} <Link to="/appointments">{t('appointments.title')}</Link>
        </Notice>
      )}
      <Ask title={t('inPerson.asking', { name })} open={open} onClose={() => setOpen(false)}>
        <p>{t('inPerson.lead')}</p>
        <MessageForm
          label={t('inPerson.message')}
          hint={t('inPerson.messageHint')}
          submit={t('inPerson.send')}
          busy={fetching}
          fault={fault}
          onSay={onSay}
          onClose={() => setOpen(false)}
        />
      </Ask>
    </div>
  )
}
