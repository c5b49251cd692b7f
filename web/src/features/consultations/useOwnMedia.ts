import { useEffect, useState } from 'react'
import {
  type Chosen,
  change,
  close,
  type Kind,
  type Own,
  open,
  remember,
  remembered,
} from '../../consultation/media'

export interface OwnMedia {
  /** Null until camera and microphone are open. */
  own: Own | null
  chosen: Chosen
  choose: (kind: Kind, deviceId: string) => void
}

/** Camera, microphone and speaker while the room is looked at. */
export function useOwnMedia(): OwnMedia {
  const [own, setOwn] = useState<Own | null>(null)
  const [chosen, setChosen] = useState(remembered)
  useEffect(() => {
    const opening = open()
    let here = true
    void opening.then(found => here && setOwn(found))
    return () => {
      here = false
      void opening.then(({ stream }) => close(stream))
    }
  }, [])

  // What is unplugged ends; any other is better than none.
  useEffect(() => {
    if (own === null) return
    const gone = new AbortController()
    for (const kind of ['videoinput', 'audioinput'] as const) {
      const track = kind === 'videoinput' ? own.camera : own.microphone
      const replace = () => void change(own, kind).then(setOwn)
      track?.addEventListener('ended', replace, { signal: gone.signal })
    }
    return () => gone.abort()
  }, [own])

  async function choose(kind: Kind, deviceId: string) {
    if (kind !== 'audiooutput') {
      if (own === null) return
      const changed = await change(own, kind, deviceId)
      setOwn(changed)
      if (changed.lack !== 'none') return
    }
    remember(kind, deviceId)
    setChosen(remembered())
  }

  return { own, chosen, choose }
}
