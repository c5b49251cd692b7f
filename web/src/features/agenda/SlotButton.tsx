import { useState } from 'react'
import { Button as Plain } from 'react-aria-components/Button'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { day, hour } from '../../i18n/times'
import { Ask } from '../../ui/Ask'
import { EditSlot } from './EditSlot'
import type { OwnAppointment, OwnSlot } from './operations'

interface Props {
  slot: OwnSlot
  appointment: OwnAppointment | undefined
  zone: string
  onChanged: (slots: OwnSlot[]) => void
}

/** A slot, and on being pressed what can be done with it. */
export function SlotButton({ slot, appointment, zone, onChanged }: Props) {
  const { t, i18n } = useTranslation()
  const [open, setOpen] = useState(false)
  const [from, to] = [slot.startsAt, slot.endsAt].map(at => hour(at, i18n.language, zone))
  const stands = appointment
    ? t(`appointments.status.${appointment.status}`)
    : t(`agenda.status.${slot.status}`)
  return (
    <>
      <Plain className={`slot ${appointment?.status ?? slot.status}`} onPress={() => setOpen(true)}>
        <time dateTime={slot.startsAt}>
          {from}–{to}
        </time>
        {appointment && <strong>{appointment.patient.name}</strong>}
        <span>{stands}</span>
      </Plain>
      <Ask
        title={`${day(slot.startsAt, i18n.language, zone)}, ${from}–${to}`}
        open={open}
        onClose={() => setOpen(false)}
      >
        {appointment && (
          <>
            <p>
              <strong>{appointment.patient.name}</strong>
            </p>
            {appointment.reason && <p>{t('appointments.reason', { text: appointment.reason })}</p>}
          </>
        )}
        <p>
          <span className={`badge ${appointment?.status ?? slot.status}`}>{stands}</span>
        </p>
        {appointment?.status === 'REQUESTED' && (
          <Link to="/requests" className="button main">
            {t('agenda.answer')}
          </Link>
        )}
        {(appointment?.status === 'CONFIRMED' || appointment?.status === 'IN_PROGRESS') && (
          <Link to={`/consultation/${appointment.id}`} className="button main">
            {t('appointments.enter')}
          </Link>
        )}
        {slot.status === 'OPEN' && (
          <EditSlot
            slot={slot}
            zone={zone}
            onChanged={changed => {
              onChanged(changed)
              setOpen(false)
            }}
          />
        )}
      </Ask>
    </>
  )
}
