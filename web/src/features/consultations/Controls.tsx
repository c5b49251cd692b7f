import {
  AudioLines,
  Video as Camera,
  Mic,
  MicOff,
  MonitorOff,
  MonitorUp,
  PhoneOff,
  Settings,
  VideoOff,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { Toolbar } from 'react-aria-components/Toolbar'
import { useTranslation } from 'react-i18next'
import { canShareScreen } from '../../consultation/media'
import { Control } from './Control'
import type { useDevices } from './useDevices'

interface Props {
  mine: ReturnType<typeof useDevices>
  name: string
  onDevices: () => void
  onLeave: () => void
  children: ReactNode
}

/** What one can do in the room. Of pictures there is nothing to decide while there are none. */
export function Controls({ mine, name, onDevices, onLeave, children }: Props) {
  const { t } = useTranslation()
  return (
    <Toolbar className="controls" aria-label={t('room.title', { name })}>
      <Control
        label={t(mine.microphone ? 'room.mute' : 'room.unmute')}
        Sign={mine.microphone ? Mic : MicOff}
        off={!mine.microphone}
        onPress={mine.toggleMicrophone}
      />
      {!mine.audioOnly && (
        <Control
          label={t(mine.camera ? 'room.hide' : 'room.show')}
          Sign={mine.camera ? Camera : VideoOff}
          off={!mine.camera}
          onPress={mine.toggleCamera}
        />
      )}
      {!mine.audioOnly && canShareScreen() && (
        <Control
          label={t(mine.sharing ? 'room.unshare' : 'room.share')}
          Sign={mine.sharing ? MonitorOff : MonitorUp}
          off={mine.sharing}
          onPress={mine.toggleScreen}
        />
      )}
      <Control
        label={t(mine.audioOnly ? 'room.pictures' : 'room.audioOnly')}
        Sign={mine.audioOnly ? Camera : AudioLines}
        off={mine.audioOnly}
        onPress={mine.toggleAudioOnly}
      />
      <Control label={t('room.devices.title')} Sign={Settings} onPress={onDevices} />
      <Control label={t('room.leave')} Sign={PhoneOff} kind="leave" onPress={onLeave} />
      {children}
    </Toolbar>
  )
}
