import { useEffect, useState } from 'react'
import type { Call } from '../../consultation/call'
import { openScreen } from '../../consultation/media'

/** What of this side is seen and heard; the other side is told of every change. */
export function useDevices(call: Call, stream: MediaStream) {
  const [camera, setCamera] = useState(() => on(stream.getVideoTracks()))
  const [microphone, setMicrophone] = useState(() => on(stream.getAudioTracks()))
  const [screen, setScreen] = useState<MediaStreamTrack | null>(null)
  const [picture] = useState(() => stream.getVideoTracks()[0] ?? null) // the camera's own
  const sharing = screen !== null

  useEffect(() => {
    call.tell({ camera, microphone, screen: sharing })
  }, [call, camera, microphone, sharing])

  // Sharing may also be ended by the browser's own button.
  useEffect(() => {
    if (screen === null) return
    const stop = () => setScreen(null)
    screen.addEventListener('ended', stop)
    return () => {
      screen.removeEventListener('ended', stop)
      screen.stop()
      call.show(picture)
    }
  }, [call, screen, picture])

  return {
    camera,
    microphone,
    sharing,
    toggleCamera: () => {
      if (picture) picture.enabled = !camera
      setCamera(picture !== null && !camera)
    },
    toggleMicrophone: () => {
      for (const track of stream.getAudioTracks()) track.enabled = !microphone
      setMicrophone(stream.getAudioTracks().length > 0 && !microphone)
    },
    toggleScreen: async () => {
      if (sharing) return setScreen(null)
      const track = await openScreen()
      if (track === null) return
      call.show(track)
      setScreen(track)
    },
  }
}

const on = (tracks: MediaStreamTrack[]) => tracks.some(({ enabled }) => enabled)
