import { useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import type { Call } from '../../consultation/call'
import type { Own } from '../../consultation/media'
import type { Party } from '../../session/session'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { Controls } from './Controls'
import { DeviceChoice } from './DeviceChoice'
import { EndConsultation } from './EndConsultation'
import { LineQuality } from './LineQuality'
import { useDevices } from './useDevices'
import { useLine } from './useLine'
import type { OwnMedia } from './useOwnMedia'
import { Veil } from './Veil'
import { Video } from './Video'

interface Props {
  call: Call
  media: OwnMedia & { own: Own }
  appointmentId: string
  role: Party
  name: string
  present: boolean
  onRejoin: () => void
  onLeave: () => void
}

/** The room itself: the other's picture, one's own, and what one can do. */
export function InCall(props: Props) {
  const { call, media, appointmentId, role, name, present, onRejoin, onLeave } = props
  const { t } = useTranslation()
  const { phase, remote, theirs } = useSyncExternalStore(call.subscribe, () => call.state)
  const mine = useDevices(call, media.own)
  const line = useLine(call)
  const [choosing, setChoosing] = useState(false)
  const { lack, stream } = media.own
  const connected = phase === 'connected'
  return (
    <section className="call" aria-label={t('room.title', { name })}>
      <div className="stage" data-phase={phase}>
        {remote && (
          <Video
            stream={remote}
            label={name}
            speaker={media.chosen.audiooutput}
            className={theirs.screen ? 'theirs whole' : 'theirs'}
          />
        )}
        <Veil
          phase={phase}
          theirs={theirs}
          audioOnly={mine.audioOnly}
          name={name}
          present={present}
          onRejoin={onRejoin}
        />
        <div className="captions" role="status">
          {connected && !theirs.microphone && <p>{t('room.muted', { name })}</p>}
          {connected && theirs.screen && <p>{t('room.theirScreen', { name })}</p>}
        </div>
        {mine.camera && (
          <div className="mine">
            <Video stream={stream} label={t('room.you')} own />
          </div>
        )}
      </div>
      {media.own.microphone === null && <Notice kind="bad">{t('room.unheard')}</Notice>}
      {line && (
        <LineQuality line={line} audioOnly={mine.audioOnly} onAudioOnly={mine.toggleAudioOnly} />
      )}
      <Controls mine={mine} name={name} onDevices={() => setChoosing(true)} onLeave={onLeave}>
        {role === 'doctor' && <EndConsultation appointmentId={appointmentId} />}
      </Controls>
      <Ask title={t('room.devices.title')} open={choosing} onClose={() => setChoosing(false)}>
        <DeviceChoice {...media} />
        {lack !== 'none' && <Notice kind="bad">{t(`room.lack.${lack}`)}</Notice>}
        <Button kind="quiet" onPress={() => setChoosing(false)}>
          {t('close')}
        </Button>
      </Ask>
    </section>
  )
}
