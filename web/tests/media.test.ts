// Camera and microphone of this device, and another one in their place.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { change, open, ownOf, remember } from '../src/consultation/media'

class Track {
  enabled = true
  stopped = false
  constructor(
    readonly kind: 'audio' | 'video',
    readonly deviceId: string,
  ) {}
  getSettings = () => ({ deviceId: this.deviceId })
  stop() {
    this.stopped = true
  }
}

class Stream {
  readonly #tracks: Track[]
  constructor(...tracks: Track[]) {
    this.#tracks = tracks
  }
  getTracks = () => this.#tracks
  getVideoTracks = () => this.#tracks.filter(({ kind }) => kind === 'video')
  getAudioTracks = () => this.#tracks.filter(({ kind }) => kind === 'audio')
  addTrack = (track: Track) => this.#tracks.push(track)
  removeTrack = (track: Track) => this.#tracks.splice(this.#tracks.indexOf(track), 1)
}

/** Devices that are there; asking for another one is refused as browsers refuse it. */
const there = new Set(['front', 'back', 'built-in', 'headset'])
const asked = vi.fn()

function give({ video, audio }: { video?: MediaTrackConstraints; audio?: MediaTrackConstraints }) {
  asked({ video, audio })
  const wanted = (video ?? audio)?.deviceId as { exact: string } | string | undefined
  if (typeof wanted === 'object' && !there.has(wanted.exact)) {
    throw new DOMException('gone', 'OverconstrainedError')
  }
  const id = typeof wanted === 'object' ? wanted.exact : wanted
  const tracks = []
  if (audio) tracks.push(new Track('audio', id ?? 'built-in'))
  if (video) tracks.push(new Track('video', id ?? 'front'))
  return new Stream(...tracks)
}

beforeEach(() => {
  asked.mockClear()
  localStorage.clear()
  const mediaDevices = {
    getUserMedia: async (wanted: object) => give(wanted),
    enumerateDevices: async () => [...there].map(deviceId => ({ deviceId })),
  }
  vi.stubGlobal('navigator', { mediaDevices })
})

afterEach(() => {
  vi.unstubAllGlobals()
})

const own = (...tracks: Track[]) => ownOf(new Stream(...tracks) as unknown as MediaStream, 'none')

it('another camera takes the place of the one before, in the same stream', async () => {
  const [front, sound] = [new Track('video', 'front'), new Track('audio', 'built-in')]
  front.enabled = false
  const before = own(front, sound)
  const after = await change(before, 'videoinput', 'back')

  expect(front.stopped).toBe(true)
  expect(after.stream).toBe(before.stream)
  expect(after.stream.getTracks()).toEqual([sound, after.camera])
  expect(after.camera?.getSettings().deviceId).toBe('back')
  expect(after.camera?.enabled).toBe(false) // who has it off has it off
  expect(after.lack).toBe('none')
})

it('where it has gone, the one before is opened again, and said why', async () => {
  const after = await change(own(new Track('audio', 'headset')), 'audioinput', 'unplugged')

  expect(after.lack).toBe('missing')
  expect(after.microphone?.getSettings().deviceId).toBe('headset')
  expect(after.stream.getTracks()).toHaveLength(1)
})

it('what was unplugged is replaced by any other, or by none', async () => {
  const unplugged = new Track('audio', 'gone')
  const after = await change(own(unplugged), 'audioinput')
  expect(after.stream.getTracks()).toEqual([after.microphone])
  expect(after.microphone?.getSettings().deviceId).toBe('built-in')

  vi.stubGlobal('navigator', {
    mediaDevices: {
      getUserMedia: async () => {
        throw new DOMException('none', 'NotFoundError')
      },
    },
  })
  const none = await change(own(unplugged), 'audioinput')
  expect(none).toMatchObject({ microphone: null, lack: 'missing' })
  expect(none.stream.getTracks()).toEqual([])
})

it('who had no camera may choose one', async () => {
  const after = await change(own(new Track('audio', 'built-in')), 'videoinput', 'front')

  expect(after.camera?.getSettings().deviceId).toBe('front')
  expect(after.stream.getTracks()).toHaveLength(2)
})

it('what was chosen is opened the next time, if it is there', async () => {
  vi.stubGlobal('MediaStream', Stream)
  remember('audioinput', 'headset')
  remember('videoinput', 'taken home')
  await open()

  const { audio, video } = asked.mock.calls[0]?.[0] ?? {}
  expect(audio.deviceId).toEqual({ exact: 'headset' })
  expect(video.deviceId).toBe('taken home') // not `exact`: another one is better than none
})

it('without a choice the camera is the one that looks at people', async () => {
  vi.stubGlobal('MediaStream', Stream)
  await open()

  expect(asked.mock.calls[0]?.[0].video).toMatchObject({ facingMode: 'user' })
})
