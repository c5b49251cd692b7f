import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { unmask } from '../../gql'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { AgendaSlot, type OwnSlot, WithdrawSlots } from './operations'

interface Props {
  picked: ReadonlySet<string>
  free: readonly OwnSlot[]
  onPick: (picked: ReadonlySet<string> | null) => void
  onWithdrawn: (slots: OwnSlot[]) => void
}

/** Several at once; one that has been taken meanwhile is picked no more. */
export function Withdrawing({ picked, free, onPick, onWithdrawn }: Props) {
  const { t } = useTranslation()
  const [fault, setFault] = useState<string | null>(null)
  const [{ fetching }, withdraw] = useMutation(WithdrawSlots)
  const slotIds = free.filter(({ id }) => picked.has(id)).map(({ id }) => id)

  async function onWithdraw() {
    const { data, error } = await withdraw({ input: { slotIds } })
    const gone = unmask(AgendaSlot, data?.withdrawSlots?.slots)
    if (gone) return onWithdrawn([...gone])
    setFault(error ? t('failed') : t('agenda.problems.taken'))
  }

  return (
    <section className="card picking" aria-label={t('agenda.pick')}>
      {fault && <Notice kind="bad">{fault}</Notice>}
      <p role="status">{t('agenda.picked', { count: slotIds.length })}</p>
      <div className="pair">
        <Button
          kind="danger"
          onPress={onWithdraw}
          isPending={fetching}
          isDisabled={slotIds.length === 0}
        >
          {t('agenda.withdraw')}
        </Button>
        <Button kind="quiet" onPress={() => onPick(new Set(free.map(({ id }) => id)))}>
          {t('agenda.all')}
        </Button>
        <Button kind="quiet" onPress={() => onPick(null)}>
          {t('agenda.cancel')}
        </Button>
      </div>
    </section>
  )
}
