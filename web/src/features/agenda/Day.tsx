import { useId } from 'react'
import { ToggleButton } from 'react-aria-components/ToggleButton'
import { useTranslation } from 'react-i18next'
import { hour } from '../../i18n/times'
import type { OwnAppointment, OwnSlot } from './operations'
import { SlotButton } from './SlotButton'

interface Props {
  title: string
  chosen: boolean
  isToday: boolean
  zone: string
  slots: readonly OwnSlot[]
  appointments: ReadonlyMap<string, OwnAppointment>
  /** Those to be withdrawn; null while none are picked. */
  picked: ReadonlySet<string> | null
  onPick: (picked: ReadonlySet<string>) => void
  onChanged: (slots: OwnSlot[]) => void
}

const TAKES = new Set(['REQUESTED', 'CONFIRMED', 'IN_PROGRESS', 'COMPLETED', 'NO_SHOW'])

export function Day(props: Props) {
  const { title, chosen, isToday, zone, slots, appointments, picked, onPick, onChanged } = props
  const { t, i18n } = useTranslation()
  const id = useId()
  const bookings = new Map(
    [...appointments.values()]
      .filter(({ status }) => TAKES.has(status))
      .map(appointment => [appointment.slot.id, appointment]),
  )
  return (
    <section className={`day ${chosen ? 'chosen' : ''}`} aria-labelledby={id}>
      <h3 id={id} className={isToday ? 'is-today' : ''}>
        <span className="first-up">{title}</span>
        {isToday && <span className="badge CONFIRMED">{t('agenda.today')}</span>}
      </h3>
      {slots.length === 0 && <p className="quiet">{t('agenda.nothing')}</p>}
      <ul>
        {slots.map(slot => (
          <li key={slot.id}>
            {picked && slot.status === 'OPEN' ? (
              <ToggleButton
                className="slot OPEN"
                isSelected={picked.has(slot.id)}
                onChange={now => {
                  const others = [...picked].filter(other => other !== slot.id)
                  onPick(new Set(now ? [...others, slot.id] : others))
                }}
              >
                <time dateTime={slot.startsAt}>
                  {hour(slot.startsAt, i18n.language, zone)}–
                  {hour(slot.endsAt, i18n.language, zone)}
                </time>
                <span>{t('agenda.status.OPEN')}</span>
              </ToggleButton>
            ) : (
              <SlotButton
                slot={slot}
                appointment={slot.status === 'BOOKED' ? bookings.get(slot.id) : undefined}
                zone={zone}
                onChanged={onChanged}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
