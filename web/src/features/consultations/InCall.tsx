import {
  Video as Camera,
  Mic,
  MicOff,
  MonitorOff,
  MonitorUp,
  PhoneOff,
  VideoOff,
} from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { Toolbar } from 'react-aria-components/Toolbar'
import { useTranslation } from 'react-i18next'
import type { Call } from '../../consultation/call'
import { canShareScreen } from '../../consultation/media'
import type { Party } from '../../session/session'
import { Control } from './Control'
import { EndConsultation } from './EndConsultation'
import { useDevices } from './useDevices'
import { Video } from './Video'

interface Props {
  call: Call
  stream: MediaStream
  appointmentId: string
  role: Party
  name: string
  present: boolean
  onLeave: () => void
}

/** The room itself: the other's picture, one's own, and what one can do. */
export function InCall({ call, stream, appointmentId, role, name, present, onLeave }: Props) {
  const { t } = useTranslation()
  const { phase, remote, theirs } = useSyncExternalStore(call.subscribe, () => call.state)
  const mine = useDevices(call, stream)
  const connected = phase === 'connected'
  const veil = connected
    ? !theirs.camera && !theirs.screen && t('room.cameraOff', { name })
    : t(`room.${present || phase === 'interrupted' ? saying(phase) : 'waitingFor'}`, { name })
  return (
    <section className="call" aria-label={t('room.title', { name })}>
      <div className="stage" data-phase={phase}>
        {remote && (
          <Video
            stream={remote}
            label={name}
            className={theirs.screen ? 'theirs whole' : 'theirs'}
          />
        )}
        {veil && (
          <p className="veil" role="status">
            {veil}
          </p>
        )}
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
      <Toolbar className="controls" aria-label={t('room.title', { name })}>
        <Control
          label={t(mine.microphone ? 'room.mute' : 'room.unmute')}
          Sign={mine.microphone ? Mic : MicOff}
          off={!mine.microphone}
          onPress={mine.toggleMicrophone}
        />
        <Control
          label={t(mine.camera ? 'room.hide' : 'room.show')}
          Sign={mine.camera ? Camera : VideoOff}
          off={!mine.camera}
          onPress={mine.toggleCamera}
        />
        {canShareScreen() && (
          <Control
            label={t(mine.sharing ? 'room.unshare' : 'room.share')}
            Sign={mine.sharing ? MonitorOff : MonitorUp}
            off={mine.sharing}
            onPress={mine.toggleScreen}
          />
        )}
        <Control label={t('room.leave')} Sign={PhoneOff} kind="leave" onPress={onLeave} />
        {role === 'doctor' && <EndConsultation appointmentId={appointmentId} />}
      </Toolbar>
    </section>
  )
}

function saying(phase: Call['state']['phase']) {
  if (phase === 'interrupted') return 'interrupted'
  return phase === 'connecting' ? 'connecting' : 'waitingFor'
}
