import { today } from '@internationalized/date'
import type { FormEvent } from 'react'
import { Form } from 'react-aria-components/Form'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { useFaults } from '../../ui/useFaults'
import { instant, later } from './days'
import { PublishSlots } from './operations'
import { atFields } from './problems'

export function OneTime({ zone, onMade }: { zone: string; onMade: (count: number) => void }) {
  const { t } = useTranslation()
  const { faults, setFaults, form } = useFaults()
  const [{ fetching }, publish] = useMutation(PublishSlots)

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const startsAt = instant(String(given.get('date')), String(given.get('startsAt')), zone)
    const endsAt = later(startsAt, Number(given.get('minutes')))
    const { data, error } = await publish({ input: { times: [{ startsAt, endsAt }] } })
    const { slots, problems = [] } = data?.publishSlots ?? {}
    setFaults(error ? { '': t('failed') } : atFields(problems, t))
    if (slots) onMade(slots.length)
  }

  return (
    <Form onSubmit={onSubmit} {...form} className="card form panel">
      {faults[''] && <Notice kind="bad">{faults['']}</Notice>}
      <Field
        name="date"
        type="date"
        label={t('agenda.date')}
        defaultValue={today(zone).add({ days: 1 }).toString()}
        isRequired
      />
      <div className="two">
        <Field
          name="startsAt"
          type="time"
          label={t('agenda.start')}
          defaultValue="09:00"
          isRequired
        />
        <Field
          name="minutes"
          inputMode="numeric"
          pattern="[0-9]+"
          label={t('agenda.minutes')}
          defaultValue="30"
          isRequired
        />
      </div>
      <Button type="submit" isPending={fetching}>
        {t('agenda.publishOne')}
      </Button>
    </Form>
  )
}
