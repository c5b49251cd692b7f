import { useEffect, useState } from 'react'
import type { Call } from '../../consultation/call'
import { type Own, openScreen } from '../../consultation/media'

/** What of this side is seen and heard; the other side is told of every change. */
export function useDevices(call: Call, { camera: picture, microphone: sound }: Own) {
  const [wantsCamera, setCamera] = useState(() => picture?.enabled ?? false)
  const [wantsMicrophone, setMicrophone] = useState(() => sound?.enabled ?? false)
  const [screen, setScreen] = useState<MediaStreamTrack | null>(null)
  const [audioOnly, setAudioOnly] = useState(false)
  const camera = picture !== null && wantsCamera && !audioOnly
  const microphone = sound !== null && wantsMicrophone
  const sharing = screen !== null

  useEffect(() => {
    if (picture) picture.enabled = camera
  }, [picture, camera])

  useEffect(() => {
    if (sound === null) return
    sound.enabled = microphone
    call.speak(sound)
  }, [call, sound, microphone])

  useEffect(() => {
    if (screen) call.show(screen, 'screen')
    else call.show(picture, 'camera')
  }, [call, screen, picture])

  useEffect(() => {
    call.tell({ camera, microphone, screen: sharing, audioOnly })
  }, [call, camera, microphone, sharing, audioOnly])

  // Sharing may also be ended by the browser's own button.
  useEffect(() => {
    if (screen === null) return
    const stop = () => setScreen(null)
    screen.addEventListener('ended', stop)
    return () => {
      screen.removeEventListener('ended', stop)
      screen.stop()
    }
  }, [screen])

  return {
    camera,
    microphone,
    sharing,
    audioOnly,
    toggleCamera: () => setCamera(!wantsCamera),
    toggleMicrophone: () => setMicrophone(!wantsMicrophone),
    toggleScreen: async () => setScreen(sharing ? null : await openScreen()),
    toggleAudioOnly: () => {
      setScreen(null)
      setAudioOnly(!audioOnly)
    },
  }
}
