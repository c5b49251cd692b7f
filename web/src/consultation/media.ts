// Camera, microphone and screen of this device.

export type Lack = 'none' | 'denied' | 'missing' | 'busy' | 'insecure'

export interface Own {
  stream: MediaStream
  /** Why camera or microphone are not there. */
  lack: Lack
}

const PICTURE: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  facingMode: 'user',
}
const SOUND: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true }

/** As much as is to be had: without a camera one can still be heard. */
export async function open(): Promise<Own> {
  if (!navigator.mediaDevices) return { stream: new MediaStream(), lack: 'insecure' }
  let lack: Lack = 'none'
  for (const wanted of [
    { audio: SOUND, video: PICTURE },
    { audio: SOUND, video: false },
    { audio: false, video: PICTURE },
  ]) {
    try {
      return { stream: await navigator.mediaDevices.getUserMedia(wanted), lack }
    } catch (fault) {
      if (lack === 'none') lack = lackOf(fault)
    }
  }
  return { stream: new MediaStream(), lack }
}

/** null: nothing was chosen. */
export async function openScreen(): Promise<MediaStreamTrack | null> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: true })
    return stream.getVideoTracks()[0] ?? null
  } catch {
    return null
  }
}

export const canShareScreen = () => Boolean(navigator.mediaDevices?.getDisplayMedia)

export function close(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

/** By the names that Media Capture and Streams gives (10.2). */
export function lackOf(fault: unknown): Lack {
  const name = fault instanceof Error || fault instanceof DOMException ? fault.name : ''
  if (name === 'NotAllowedError') return 'denied'
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'busy'
}
