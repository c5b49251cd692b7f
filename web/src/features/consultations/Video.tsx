import { type Ref, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { canChooseSpeaker } from '../../consultation/media'
import { Button } from '../../ui/Button'

interface Props {
  stream: MediaStream
  label: string
  /** One's own picture: without its sound, and as in a mirror. */
  own?: boolean
  /** Through which it is heard; the browser's own without it. */
  speaker?: string | undefined
  className?: string
}

export function Video({ stream, label, own = false, speaker, className = '' }: Props) {
  const { t } = useTranslation()
  const video = useRef<HTMLVideoElement>(null)
  const [silenced, setSilenced] = useState(false)

  useEffect(() => {
    if (video.current) play(video.current, stream, () => setSilenced(true))
  }, [stream])

  useEffect(() => {
    const { current } = video
    if (own || !current || !canChooseSpeaker()) return
    current.setSinkId(speaker ?? '').catch(() => undefined) // it has gone: the browser's own, then
  }, [own, speaker])

  return (
    <>
      <video
        ref={video as Ref<HTMLVideoElement>}
        className={`${className} ${own ? 'own' : ''}`}
        aria-label={label}
        autoPlay
        playsInline
        muted={own}
      />
      {silenced && (
        <div className="listen">
          <Button
            onPress={() => {
              setSilenced(false)
              void video.current?.play()
            }}
          >
            {t('room.listen')}
          </Button>
        </div>
      )}
    </>
  )
}

/** Some browsers start no sound before somebody has touched the page. */
function play(video: HTMLVideoElement, stream: MediaStream, refused: () => void): void {
  video.srcObject = stream
  video.play().catch((fault: Error) => {
    if (fault.name === 'NotAllowedError') refused()
  })
}
