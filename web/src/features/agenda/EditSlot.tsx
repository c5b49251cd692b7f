import type { FormEvent } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { unmask } from '../../gql'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { useFaults } from '../../ui/useFaults'
import { dayOf, instant, later, minutesOf, timeOf } from './days'
import { AgendaSlot, type OwnSlot, UpdateSlot, WithdrawSlots } from './operations'
import { atFields } from './problems'

interface Props {
  slot: OwnSlot
  zone: string
  onChanged: (slots: OwnSlot[]) => void
}

/** An open slot is moved, made longer or shorter, or withdrawn. */
export function EditSlot({ slot, zone, onChanged }: Props) {
  const { t } = useTranslation()
  const { faults, setFaults, form } = useFaults()
  const [moving, update] = useMutation(UpdateSlot)
  const [leaving, withdraw] = useMutation(WithdrawSlots)

  async function onMove(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const startsAt = instant(String(given.get('date')), String(given.get('startsAt')), zone)
    const endsAt = later(startsAt, Number(given.get('minutes')))
    const { data, error } = await update({ input: { slotId: slot.id, startsAt, endsAt } })
    const moved = unmask(AgendaSlot, data?.updateSlot?.slot)
    if (moved) return onChanged([moved])
    setFaults(error ? { '': t('failed') } : atFields(data?.updateSlot?.problems ?? [], t))
  }

  async function onWithdraw() {
    const { data, error } = await withdraw({ input: { slotIds: [slot.id] } })
    const gone = unmask(AgendaSlot, data?.withdrawSlots?.slots)
    if (gone) return onChanged([...gone])
    const { '': said } = atFields(data?.withdrawSlots?.problems ?? [], t)
    setFaults({ '': error ? t('failed') : (said ?? t('agenda.problems.other')) })
  }

  return (
    <Form onSubmit={onMove} {...form} className="form">
      {faults[''] && <Notice kind="bad">{faults['']}</Notice>}
      <Field
        name="date"
        type="date"
        label={t('agenda.date')}
        defaultValue={dayOf(slot.startsAt, zone).toString()}
        isRequired
      />
      <div className="two">
        <Field
          name="startsAt"
          type="time"
          label={t('agenda.start')}
          defaultValue={timeOf(slot.startsAt, zone)}
          isRequired
        />
        <Field
          name="minutes"
          inputMode="numeric"
          pattern="[0-9]+"
          label={t('agenda.minutes')}
          defaultValue={String(minutesOf(slot))}
          isRequired
        />
      </div>
      <div className="pair">
        <Button type="submit" isPending={moving.fetching}>
          {t('agenda.save')}
        </Button>
        <Button kind="danger" onPress={onWithdraw} isPending={leaving.fetching}>
          {t('agenda.withdraw')}
        </Button>
      </div>
    </Form>
  )
}
