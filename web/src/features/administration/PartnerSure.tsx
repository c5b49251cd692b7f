import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { type Partner, ReinstatePartner, RotatePartnerSecret, SuspendPartner } from './partners'
import type { Told } from './Secret'

export type PartnerAct = 'rotate' | 'suspend' | 'reinstate'

const WORDS = { rotate: 'rotating', suspend: 'suspending', reinstate: 'reinstating' } as const

interface Props {
  act: PartnerAct
  partner: Partner
  onClose: () => void
  onSecret: (told: Told) => void
}

/** Asks once more before anything is done to a partner. */
export function PartnerSure({ act, partner, onClose, onSecret }: Props) {
  const { t } = useTranslation()
  const [fault, setFault] = useState<string | null>(null)
  const [rotating, rotate] = useMutation(RotatePartnerSecret)
  const [suspending, suspend] = useMutation(SuspendPartner)
  const [reinstating, reinstate] = useMutation(ReinstatePartner)
  const { id: partnerId, name } = partner
  const words = WORDS[act]

  async function does() {
    if (act === 'suspend') return (await suspend({ partnerId })).data?.suspendPartner
    if (act === 'reinstate') return (await reinstate({ partnerId })).data?.reinstatePartner
    const answered = (await rotate({ partnerId })).data?.rotatePartnerSecret
    if (answered?.clientSecret) onSecret({ name, secret: answered.clientSecret })
    return answered
  }

  async function onSure() {
    const answered = await does()
    if (!answered) setFault(t('failed'))
    else if (answered.problems.length > 0) setFault(t('administration.partners.faults.other'))
    else onClose()
  }

  return (
    <Ask title={t(`administration.partners.${words}.title`, { name })} open onClose={onClose}>
      {fault && <Notice kind="bad">{fault}</Notice>}
      <p>{t(`administration.partners.${words}.text`)}</p>
      <div className="pair">
        <Button
          kind={act === 'reinstate' ? 'main' : 'danger'}
          onPress={onSure}
          isPending={rotating.fetching || suspending.fetching || reinstating.fetching}
        >
          {t(`administration.partners.${words}.submit`)}
        </Button>
        <Button kind="quiet" onPress={onClose} autoFocus>
          {t('administration.back')}
        </Button>
      </div>
    </Ask>
  )
}
