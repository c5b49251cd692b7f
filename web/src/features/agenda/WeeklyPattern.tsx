import { today } from '@internationalized/date'
import { type FormEvent, useState } from 'react'
import { Form } from 'react-aria-components/Form'
import { ToggleButton } from 'react-aria-components/ToggleButton'
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { useFaults } from '../../ui/useFaults'
import { PublishSlots, PublishWeeklySlots } from './operations'
import { Preview } from './Preview'
import { type Pattern, WEEKDAYS } from './pattern'
import { atFields } from './problems'
import { usePlanned } from './usePlanned'

const AT_ONCE = 500 // times that publishSlots takes

export function WeeklyPattern({ zone, onMade }: { zone: string; onMade: (count: number) => void }) {
  const { t, i18n } = useTranslation()
  const [pattern, setPattern] = useState<Pattern>(() => beginning(zone))
  const { faults, setFaults, form } = useFaults()
  const [weekly, publishWeekly] = useMutation(PublishWeeklySlots)
  const [some, publishSome] = useMutation(PublishSlots)
  const { times, look } = usePlanned(pattern, zone)
  const free = times.filter(({ fault }) => fault === null)
  const sayDay = new Intl.DateTimeFormat(i18n.language, { weekday: 'short', timeZone: 'UTC' })

  function change(news: Partial<Pattern>) {
    setPattern({ ...pattern, ...news })
    setFaults({})
  }

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const { weekdays } = pattern
    const input = { ...pattern, weekdays: [...weekdays] }
    const { data, error } = await publishWeekly({ input })
    ended(data?.publishWeeklySlots, Boolean(error))
  }

  async function onFreeOnes() {
    const wanted = free.map(({ startsAt, endsAt }) => ({ startsAt, endsAt }))
    const { data, error } = await publishSome({ input: { times: wanted } })
    ended(data?.publishSlots, Boolean(error))
  }

  function ended(answer: Parameters<typeof told>[0], broken: boolean) {
    setFaults(broken ? { '': t('failed') } : atFields(told(answer), t))
    if (answer?.slots) onMade(answer.slots.length)
    look()
  }

  const field = (name: 'startTime' | 'endTime' | 'fromDate' | 'toDate') => ({
    name,
    value: pattern[name],
    onChange: (value: string) => change({ [name]: value }),
    isRequired: true,
  })
  const minutes = (name: 'minutes' | 'bufferMinutes') => ({
    name,
    value: Number.isNaN(pattern[name]) ? '' : String(pattern[name]),
    onChange: (value: string) => change({ [name]: Number.parseInt(value, 10) }),
    inputMode: 'numeric' as const,
    isRequired: true,
  })

  return (
    <div className="making">
      <Form onSubmit={onSubmit} {...form} className="card form panel">
        {faults[''] && <Notice kind="bad">{faults['']}</Notice>}
        <fieldset className="field">
          <legend>{t('agenda.weekdays')}</legend>
          <ToggleButtonGroup
            aria-label={t('agenda.weekdays')}
            selectionMode="multiple"
            className="weekdays"
            selectedKeys={pattern.weekdays}
            onSelectionChange={keys => change({ weekdays: WEEKDAYS.filter(day => keys.has(day)) })}
          >
            {WEEKDAYS.map((day, number) => (
              <ToggleButton key={day} id={day} className="weekday">
                {sayDay.format(Date.UTC(2024, 0, 1 + number)).replace('.', '')}
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
          {faults.weekdays && <p className="wrong">{faults.weekdays}</p>}
        </fieldset>
        <div className="two">
          <Field {...field('startTime')} type="time" label={t('agenda.start')} />
          <Field {...field('endTime')} type="time" label={t('agenda.end')} />
          <Field {...minutes('minutes')} label={t('agenda.minutes')} />
          <Field {...minutes('bufferMinutes')} label={t('agenda.buffer')} />
          <Field {...field('fromDate')} type="date" label={t('agenda.fromDate')} />
          <Field {...field('toDate')} type="date" label={t('agenda.toDate')} />
        </div>
        <div className="pair">
          <Button
            type="submit"
            isPending={weekly.fetching}
            isDisabled={times.length === 0 || free.length < times.length}
          >
            {t('agenda.publishAll', { count: times.length })}
          </Button>
          {free.length < times.length && free.length > 0 && free.length <= AT_ONCE && (
            <Button kind="quiet" onPress={onFreeOnes} isPending={some.fetching}>
              {t('agenda.publishFree', { count: free.length })}
            </Button>
          )}
        </div>
      </Form>
      <Preview times={times} zone={zone} />
    </div>
  )
}

function told(
  answer: { slots?: unknown[] | null; problems: Parameters<typeof atFields>[0] } | null | undefined,
) {
  return answer?.problems ?? []
}

function beginning(zone: string): Pattern {
  const tomorrow = today(zone).add({ days: 1 })
  return {
    weekdays: WEEKDAYS.slice(0, 5),
    startTime: '09:00',
    endTime: '12:00',
    minutes: 30,
    bufferMinutes: 0,
    fromDate: tomorrow.toString(),
    toDate: tomorrow.add({ days: 13 }).toString(),
  }
}
