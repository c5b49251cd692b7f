import { useState, useSyncExternalStore } from 'react'
import { Switch } from 'react-aria-components/Switch'
import { useTranslation } from 'react-i18next'
import { ownZone, sameClock, zoneName } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import type { OwnAppointment } from '../agenda/operations'
import { InPerson } from '../inPerson/InPerson'
import { chime } from './chime'
import { RequestCard } from './RequestCard'
import type { Outcome } from './useAnswer'
import { useRequests } from './useRequests'
import './requests.css'

const AT_ONCE = 'accept at once' // in localStorage

/** The live feed: each request with its clock running down. */
export default function Incoming() {
  const { t, i18n } = useTranslation()
  const { requests, zone: practice, failed, reload } = useRequests()
  const zone = practice ?? ownZone()
  const [told, setTold] = useState<readonly { id: string; text: string; bad: boolean }[]>([])
  const [atOnce, setAtOnce] = useState(() => localStorage.getItem(AT_ONCE) === 'yes')
  const muted = useSyncExternalStore(chime.subscribe, () => chime.muted)

  function onOutcome({ id, patient }: OwnAppointment, { appointment, by }: Outcome) {
    function worded(): string {
      if (by === 'failed') return t('failed')
      if (!appointment) return t('appointments.conflict')
      const status = t(`appointments.status.${appointment.status}`)
      return t(by === 'us' ? 'requests.done' : 'requests.became', { name: patient.name, status })
    }
    const text = worded()
    setTold(before => [...before.filter(each => each.id !== id), { id, text, bad: by !== 'us' }])
  }

  return (
    <div className="page">
      <title>{t('requests.title', { count: requests?.length ?? 0 })}</title>
      <h1>{t('requests.heading')}</h1>
      <div className="switches">
        <Switch
          className="switch"
          isSelected={!muted}
          onChange={sounds => {
            chime.mute(!sounds)
            chime.ring()
          }}
        >
          <span className="track" aria-hidden />
          {t('requests.sound')}
        </Switch>
        <Switch
          className="switch"
          isSelected={!atOnce}
          onChange={waits => {
            setAtOnce(!waits)
            localStorage.setItem(AT_ONCE, waits ? 'no' : 'yes')
          }}
        >
          <span className="track" aria-hidden />
          {t('requests.undoable')}
        </Switch>
      </div>
      {requests?.[0] && !sameClock(requests[0].startsAt, zone, ownZone()) && (
        <Notice>
          {t('agenda.zone', { zone: zoneName(requests[0].startsAt, i18n.language, zone) })}
        </Notice>
      )}
      {failed && (
        <>
          <Notice kind="bad">{t('failed')}</Notice>
          <Button onPress={reload}>{t('tryAgain')}</Button>
        </>
      )}
      {told.map(({ id, text, bad }) => (
        <Notice key={id} kind={bad ? 'bad' : 'info'}>
          {text}
        </Notice>
      ))}
      {!requests && !failed && <Loading />}
      {requests?.length === 0 && <p className="empty">{t('requests.none')}</p>}
      <ul className="cards" aria-live="polite" aria-relevant="additions">
        {requests?.map(request => (
          <li key={request.id}>
            <RequestCard request={request} zone={zone} atOnce={atOnce} onOutcome={onOutcome} />
          </li>
        ))}
      </ul>
      <InPerson reader="doctor" waiting />
    </div>
  )
}
