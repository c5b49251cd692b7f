import type { CalendarDate } from '@internationalized/date'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'
import { Day } from './Day'
import { dayOf, namer } from './days'
import type { OwnAppointment, OwnSlot } from './operations'

interface Props {
  days: readonly CalendarDate[]
  chosen: CalendarDate
  today: CalendarDate
  zone: string
  slots: readonly OwnSlot[]
  appointments: ReadonlyMap<string, OwnAppointment>
  /** Those to be withdrawn; null while none are picked. */
  picked: ReadonlySet<string> | null
  onChoose: (day: CalendarDate) => void
  onPick: (picked: ReadonlySet<string>) => void
  onChanged: (slots: OwnSlot[]) => void
}

/** Seven days side by side; on a phone, the chosen one under a strip of them. */
export function Week(props: Props) {
  const { days, chosen, today, zone, slots, appointments, picked } = props
  const { t, i18n } = useTranslation()
  const named = namer(i18n.language, zone)
  const of = (day: CalendarDate) =>
    slots.filter(slot => dayOf(slot.startsAt, zone).compare(day) === 0)
  return (
    <>
      <fieldset className="strip">
        <legend className="unseen">{t('agenda.day')}</legend>
        {days.map(day => (
          <Button
            key={day.toString()}
            kind={day.compare(chosen) === 0 ? 'main' : 'quiet'}
            aria-pressed={day.compare(chosen) === 0}
            onPress={() => props.onChoose(day)}
          >
            <span className="unseen">
              {named(day, { weekday: 'long', day: 'numeric', month: 'long' })}
            </span>
            <span aria-hidden>{named(day, { weekday: 'narrow' })}</span>
            <strong aria-hidden>{day.day}</strong>
            {of(day).length > 0 && <span className="dot" aria-hidden />}
          </Button>
        ))}
      </fieldset>
      <div className="week">
        {days.map(day => (
          <Day
            key={day.toString()}
            title={named(day, { weekday: 'long', day: 'numeric' })}
            chosen={day.compare(chosen) === 0}
            isToday={day.compare(today) === 0}
            zone={zone}
            slots={of(day)}
            appointments={appointments}
            picked={picked}
            onPick={props.onPick}
            onChanged={props.onChanged}
          />
        ))}
      </div>
    </>
  )
}
