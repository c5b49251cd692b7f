import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Phase } from '../../consultation/call'
import type { Devices } from '../../consultation/signals'
import { Button } from '../../ui/Button'

const PATIENCE = 10_000 // milliseconds: most lines are back by themselves before

interface Props {
  phase: Phase
  theirs: Devices
  audioOnly: boolean
  name: string
  present: boolean
  onRejoin: () => void
}

/** Why there is no picture, over where it would be; nothing where there is one. */
export function Veil({ phase, theirs, audioOnly, name, present, onRejoin }: Props) {
  const { t } = useTranslation()
  const impatient = useLasting(phase === 'interrupted', PATIENCE)
  const over = phase === 'unreachable' || phase === 'elsewhere'
  const said = saying()
  if (said === null) return null
  return (
    <div className="veil">
      <p role="status">{t(`room.${said}`, { name })}</p>
      {(over || impatient) && <Button onPress={onRejoin}>{t('room.anew')}</Button>}
    </div>
  )

  function saying() {
    if (over || phase === 'interrupted') return phase
    if (phase === 'connected') {
      if (audioOnly) return 'listening'
      if (theirs.audioOnly) return 'theirAudioOnly'
      return theirs.camera || theirs.screen ? null : 'cameraOff'
    }
    return present && phase === 'connecting' ? 'connecting' : 'waitingFor'
  }
}

/** Whether it has been so for that long. */
function useLasting(holds: boolean, milliseconds: number): boolean {
  const [lasts, setLasts] = useState(false)
  useEffect(() => {
    if (!holds) return
    const due = setTimeout(() => setLasts(true), milliseconds)
    return () => {
      clearTimeout(due)
      setLasts(false)
    }
  }, [holds, milliseconds])
  return lasts
}
