import { useEffect, useState } from 'react'
import { close, type Own, open } from '../../consultation/media'

/** Camera and microphone while the room is looked at; null until they are open. */
export function useOwnMedia(): Own | null {
  const [media, setMedia] = useState<Own | null>(null)
  useEffect(() => {
    const opening = open()
    let here = true
    void opening.then(own => here && setMedia(own))
    return () => {
      here = false
      void opening.then(({ stream }) => close(stream))
    }
  }, [])
  return media
}
