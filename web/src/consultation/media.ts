// Camera, microphone, speaker and screen of this device.

export type Lack = 'none' | 'denied' | 'missing' | 'busy' | 'insecure'
export type Input = 'videoinput' | 'audioinput'
export type Kind = Input | 'audiooutput'

export interface Own {
  /** The same one when another device is chosen; its tracks change. */
  stream: MediaStream
  camera: MediaStreamTrack | null
  microphone: MediaStreamTrack | null
  /** Why camera or microphone are not there. */
  lack: Lack
}

/** Ids of devices, as they were chosen; the browser's own choice where there is none. */
export type Chosen = Partial<Record<Kind, string>>

const CHOSEN = 'devices' // in localStorage: a headset is wanted the next time, too

const PICTURE: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 } }
const SOUND: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true }

/** As much as is to be had: without a camera one can still be heard. A device that was chosen and
 * has gone is no reason to have none; one that is there must be named exactly, or a browser prefers
 * another of the wanted size. */
export async function open(): Promise<Own> {
  if (!navigator.mediaDevices) return ownOf(new MediaStream(), 'insecure')
  const { videoinput: camera, audioinput: microphone } = remembered()
  const there = await navigator.mediaDevices.enumerateDevices()
  const pick = (id: string) => (there.some(({ deviceId }) => deviceId === id) ? { exact: id } : id)
  const audio = { ...SOUND, ...(microphone && { deviceId: pick(microphone) }) }
  const video = { ...PICTURE, ...(camera ? { deviceId: pick(camera) } : { facingMode: 'user' }) }
  let lack: Lack = 'none'
  for (const wanted of [
    { audio, video },
    { audio, video: false },
    { audio: false, video },
  ]) {
    try {
      return ownOf(await navigator.mediaDevices.getUserMedia(wanted), lack)
    } catch (fault) {
      if (lack === 'none') lack = lackOf(fault)
    }
  }
  return ownOf(new MediaStream(), lack)
}

export function ownOf(stream: MediaStream, lack: Lack): Own {
  const [camera = null] = stream.getVideoTracks()
  const [microphone = null] = stream.getAudioTracks()
  return { stream, camera, microphone, lack }
}

/** Another device in place of the one before, which is closed first: phones open one camera at a
 * time. Where it is not to be had, `lack` says why, and the one before is opened again if it is still
 * there. `deviceId`: any without it. */
export async function change(own: Own, kind: Input, deviceId?: string): Promise<Own> {
  const before = kind === 'videoinput' ? own.camera : own.microphone
  const was = before?.getSettings().deviceId
  before?.stop()
  let lack: Lack = 'none'
  let after: MediaStreamTrack | null
  try {
    after = await openOne(kind, deviceId)
  } catch (fault) {
    lack = lackOf(fault)
    after = was ? await openOne(kind, was).catch(() => null) : null
  }
  if (before) own.stream.removeTrack(before)
  if (after) {
    after.enabled = before?.enabled ?? true
    own.stream.addTrack(after)
  }
  return ownOf(own.stream, lack)
}

async function openOne(kind: Input, deviceId: string | undefined): Promise<MediaStreamTrack> {
  const which = deviceId ? { deviceId: { exact: deviceId } } : {}
  const stream = await navigator.mediaDevices.getUserMedia(
    kind === 'videoinput' ? { video: { ...PICTURE, ...which } } : { audio: { ...SOUND, ...which } },
  )
  const [track] = stream.getTracks()
  if (!track) throw new DOMException('There is no track in it.', 'NotFoundError')
  return track
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

export const canChooseSpeaker = () => 'setSinkId' in HTMLMediaElement.prototype

export function close(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

export function remembered(): Chosen {
  try {
    return JSON.parse(localStorage.getItem(CHOSEN) ?? '{}')
  } catch {
    return {}
  }
}

export function remember(kind: Kind, deviceId: string): void {
  localStorage.setItem(CHOSEN, JSON.stringify({ ...remembered(), [kind]: deviceId }))
}

/** By the names that Media Capture and Streams gives (10.2). */
export function lackOf(fault: unknown): Lack {
  const name = fault instanceof Error || fault instanceof DOMException ? fault.name : ''
  if (name === 'NotAllowedError') return 'denied'
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'busy'
}
