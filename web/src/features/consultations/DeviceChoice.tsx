import { ChevronDown } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from 'react-aria-components/Button'
import { Label } from 'react-aria-components/Label'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'
import { Select, SelectValue } from 'react-aria-components/Select'
import { useTranslation } from 'react-i18next'
import { canChooseSpeaker, type Kind, type Own } from '../../consultation/media'
import type { OwnMedia } from './useOwnMedia'

/** Which camera, microphone and speaker are used; what this device has one of is not asked for. */
export function DeviceChoice({ own, chosen, choose }: OwnMedia & { own: Own }) {
  const devices = useDeviceList(own)
  const used = {
    videoinput: own.camera?.getSettings().deviceId,
    audioinput: own.microphone?.getSettings().deviceId,
    audiooutput: chosen.audiooutput,
  }
  const kinds: Kind[] = ['videoinput', 'audioinput']
  if (canChooseSpeaker()) kinds.push('audiooutput')
  return (
    <div className="device-choice">
      {kinds.map(kind => (
        <One
          key={kind}
          kind={kind}
          devices={devices.filter(device => device.kind === kind && device.deviceId)}
          used={used[kind]}
          onChoose={deviceId => choose(kind, deviceId)}
        />
      ))}
    </div>
  )
}

interface Props {
  kind: Kind
  devices: MediaDeviceInfo[]
  used: string | undefined
  onChoose: (deviceId: string) => void
}

function One({ kind, devices, used, onChoose }: Props) {
  const { t } = useTranslation()
  const [first] = devices
  if (!first || devices.length === 1) return null
  return (
    <Select
      className="field"
      value={devices.some(({ deviceId }) => deviceId === used) ? used : first.deviceId}
      onChange={key => onChoose(String(key))}
    >
      <Label>{t(`room.devices.${kind}`)}</Label>
      <Button className="choice">
        <SelectValue />
        <ChevronDown size={18} aria-hidden />
      </Button>
      <Popover className="popover">
        <ListBox className="options">
          {devices.map(({ deviceId, label }, at) => (
            <ListBoxItem key={deviceId} id={deviceId} className="option">
              {label || t('room.devices.unnamed', { number: at + 1 })}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  )
}

/** Browsers name them only once camera or microphone have been allowed: asked anew with `own`. */
function useDeviceList(own: Own): MediaDeviceInfo[] {
  const [devices, setDevices] = useState<MediaDeviceInfo[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const media = navigator.mediaDevices
    if (!media) return
    const look = () => void media.enumerateDevices().then(setDevices, () => setDevices([]))
    look()
    media.addEventListener('devicechange', look)
    return () => media.removeEventListener('devicechange', look)
  }, [own])
  return devices
}
