// A call by Chime: the library's own session, with stubs where it meets the browser and Amazon.
import {
  type AudioMixObserver,
  DataMessage,
  type MeetingSession,
  MeetingSessionStatus,
  MeetingSessionStatusCode,
} from 'amazon-chime-sdk-js'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EVERYTHING } from '../src/consultation/call'
import { ChimeCall, openSession } from '../src/consultation/chime'

class Track {
  enabled = true
  constructor(
    readonly kind: 'audio' | 'video',
    readonly id: string,
  ) {}
  clone = () => new Track(this.kind, `${this.id}'`)
}

class Stream {
  readonly #tracks: Track[]
  constructor(tracks: Track[]) {
    this.#tracks = tracks
  }
  getTracks = () => this.#tracks
  getVideoTracks = () => this.#tracks.filter(({ kind }) => kind === 'video')
  getAudioTracks = () => this.#tracks.filter(({ kind }) => kind === 'audio')
}

const asStream = (...tracks: Track[]) => new Stream(tracks) as unknown as MediaStream
const asTrack = (track: Track) => track as unknown as MediaStreamTrack

const GRANTED = JSON.stringify({
  Meeting: {
    MeetingId: 'm1',
    MediaRegion: 'sa-east-1',
    MediaPlacement: {
      AudioHostUrl: 'audio.example.com:3478',
      SignalingUrl: 'wss://signal.example.com/control/m1',
      TurnControlUrl: 'https://turn.example.com/v2',
      EventIngestionUrl: 'https://data.example.com/v1',
    },
    MeetingFeatures: { Video: { MaxResolution: 'HD' } },
  },
  Attendee: { AttendeeId: 'me', ExternalUserId: 'c1-PATIENT', JoinToken: 'secret' },
})

const DONE = ['startAudioInput', 'startVideoInput', 'stopVideoInput', 'stopAudioInput'] as const
const SET = ['startLocalVideoTile', 'stopLocalVideoTile', 'start', 'stop'] as const
const SHARED = ['startContentShare', 'stopContentShare', 'realtimeSendDataMessage'] as const

function stubbed(session: MeetingSession) {
  const line = session.audioVideo
  const order: string[] = []
  for (const name of [...DONE, ...SET, ...SHARED, 'bindAudioElement'] as const) {
    vi.spyOn(line, name).mockImplementation((...given: unknown[]) => {
      const [stream] = given as [Stream?]
      const ids = stream instanceof Stream ? stream.getTracks().map(({ id }) => id) : []
      order.push([name, ...ids].join(' '))
      return Promise.resolve() as never
    })
  }
  const real = line as unknown as {
    realtimeController: {
      realtimeSetAttendeeIdPresence(
        id: string,
        present: boolean,
        externalUserId: string,
        dropped: boolean,
        position: null,
      ): void
      realtimeReceiveDataMessage(message: DataMessage): void
    }
    videoTileController: {
      addVideoTile(): {
        id(): number
        bindVideoStream(...given: unknown[]): void
      }
    }
    audioMixController: { forEachObserver(tell: (observer: AudioMixObserver) => void): void }
  }
  return { line, order, real }
}

function enter() {
  const session = openSession(GRANTED)
  const { line, order, real } = stubbed(session)
  const call = new ChimeCall(
    session,
    asStream(new Track('audio', 'mic'), new Track('video', 'cam')),
  )
  const tell = vi.fn()
  call.subscribe(tell)
  return {
    call,
    line,
    order,
    attends: (id: string, present = true) =>
      real.realtimeController.realtimeSetAttendeeIdPresence(id, present, 'c1-DOCTOR', false, null),
    says: (devices: object, by = 'you') =>
      real.realtimeController.realtimeReceiveDataMessage(
        new DataMessage(0, 'devices', new TextEncoder().encode(JSON.stringify(devices)), by, 'x'),
      ),
    shows: (attendeeId: string, ...tracks: Track[]) => {
      const tile = real.videoTileController.addVideoTile()
      tile.bindVideoStream(attendeeId, false, asStream(...tracks), 640, 480, 1)
      return tile.id()
    },
    sounds: (...tracks: Track[]) =>
      real.audioMixController.forEachObserver(observer =>
        observer.meetingAudioStreamBecameActive(asStream(...tracks)),
      ),
    stops: (code: MeetingSessionStatusCode) =>
      call.audioVideoDidStop(new MeetingSessionStatus(code)),
  }
}

const settled = () => new Promise(done => setTimeout(done, 20))

beforeEach(() => {
  vi.stubGlobal('MediaStream', Stream)
  vi.stubGlobal('RTCRtpSender', class {})
  vi.stubGlobal('Audio', class {})
  vi.stubGlobal('matchMedia', () => ({ addListener: () => {} }))
  vi.stubGlobal('ResizeObserver', class {})
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

it('the session is what the server granted, and tells nobody what it counts', () => {
  const session = openSession(GRANTED)

  expect(session.configuration.meetingId).toBe('m1')
  expect(session.configuration.credentials).toMatchObject({ attendeeId: 'me', joinToken: 'secret' })
  expect(session.configuration.urls?.signalingURL).toBe('wss://signal.example.com/control/m1')
  expect(session.eventController?.eventReporter?.constructor.name).toBe('NoOpEventReporter')
})

describe('who joins', () => {
  it('gives copies of microphone and camera, and then starts', async () => {
    const { call, order } = enter()
    call.join()
    await settled()

    expect(order).toEqual([
      'bindAudioElement',
      "startAudioInput mic'",
      "startVideoInput cam'",
      'startLocalVideoTile',
      'start',
    ])
    expect(call.state.phase).toBe('connecting')
  })

  it('waits until the other is there, who may leave and come back', () => {
    const { call, attends } = enter()
    call.audioVideoDidStart()
    attends('me')
    expect(call.state.phase).toBe('waiting')
    attends('you')
    expect(call.state.phase).toBe('connected')
    attends('you', false)
    expect(call.state.phase).toBe('waiting')
    attends('you')
    expect(call.state.phase).toBe('connected')
  })

  it('is told when the line is lost, and when it is back', () => {
    const { call, attends } = enter()
    call.audioVideoDidStart()
    attends('you')
    call.audioVideoDidStartConnecting(true)
    expect(call.state.phase).toBe('interrupted')
    call.audioVideoDidStart()
    expect(call.state.phase).toBe('connected')
  })

  it('is told after 20 seconds when there is no way there', async () => {
    vi.useFakeTimers()
    const { call, order } = enter()
    call.join()
    await vi.advanceTimersByTimeAsync(19_000)
    call.audioVideoDidStartConnecting(true)
    expect(call.state.phase).toBe('connecting') // there was no line that could have been lost
    await vi.advanceTimersByTimeAsync(1_000)
    expect(call.state.phase).toBe('unreachable')
    expect(order).toContain('stop')
  })

  it.each([
    [MeetingSessionStatusCode.AudioJoinedFromAnotherDevice, 'elsewhere'],
    [MeetingSessionStatusCode.SignalingBadRequest, 'unreachable'],
    [MeetingSessionStatusCode.MeetingEnded, 'unreachable'],
  ] as const)('is told why it has stopped: %s is %s', (code, phase) => {
    const { call, stops } = enter()
    call.audioVideoDidStart()
    stops(code)
    expect(call.state.phase).toBe(phase)
  })
})

describe('of the other', () => {
  it('is seen and heard what there is, a screen before the camera', async () => {
    const { call, attends, shows, sounds } = enter()
    call.audioVideoDidStart()
    attends('you')
    const [camera, screen] = [new Track('video', 'face'), new Track('video', 'screen')]
    const voice = new Track('audio', 'voice')
    sounds(voice)
    shows('me', new Track('video', 'own'))
    shows('you', camera)
    await settled()
    expect(call.state.remote?.getTracks()).toEqual([voice, camera])
    const shared = shows('you#content', screen)
    await settled()
    expect(call.state.remote?.getTracks()).toEqual([voice, screen])
    call.videoTileWasRemoved(shared)
    expect(call.state.remote?.getTracks()).toEqual([voice, camera])
    attends('you', false)
    expect(call.state.remote).toBeNull()
  })

  it('is known what can be seen and heard, and whoever comes is told of this side', async () => {
    const { call, line, attends, says } = enter()
    call.audioVideoDidStart()
    call.tell({ ...EVERYTHING, microphone: false })
    says({ ...EVERYTHING, camera: false })
    expect(call.state.theirs.camera).toBe(false)
    says(EVERYTHING, 'me')
    expect(call.state.theirs.camera).toBe(false) // one's own words come back
    vi.mocked(line.realtimeSendDataMessage).mockClear()
    attends('you')

    const told = { ...EVERYTHING, microphone: false }
    expect(line.realtimeSendDataMessage).toHaveBeenCalledWith('devices', told)
    expect(line.realtimeIsLocalAudioMuted()).toBe(true)
  })
})

describe('what goes', () => {
  it('is no picture while the camera is off', async () => {
    const { call, order } = enter()
    call.join()
    await settled()
    order.length = 0
    call.tell({ ...EVERYTHING, camera: false })
    call.tell(EVERYTHING)
    await settled()

    expect(order.filter(name => !name.startsWith('realtime'))).toEqual([
      'stopLocalVideoTile',
      'stopVideoInput',
      "startVideoInput cam'",
      'startLocalVideoTile',
    ])
  })

  it.each(['mine', 'theirs'])('is sound alone while audio only is wanted: %s', async whose => {
    const { call, order, attends, says } = enter()
    call.join()
    call.audioVideoDidStart()
    attends('you')
    call.show(asTrack(new Track('video', 'desk')), 'screen')
    await settled()
    expect(order).toContain("startContentShare desk'")
    order.length = 0
    if (whose === 'mine') call.tell({ ...EVERYTHING, audioOnly: true })
    else says({ ...EVERYTHING, audioOnly: true })
    await settled()

    expect(order).toContain('stopContentShare')
    expect(order).toContain('stopVideoInput')
    expect(order).not.toContain('stopAudioInput')
  })

  it('another microphone takes the place of the one before', async () => {
    const { call, order } = enter()
    call.join()
    call.speak(asTrack(new Track('audio', 'headset')))
    await settled()

    expect(order).toContain("startAudioInput headset'")
  })

  it('is nothing any more after leaving', async () => {
    const { call, order, stops } = enter()
    call.join()
    await settled()
    order.length = 0
    call.leave()
    stops(MeetingSessionStatusCode.Left)
    await settled()

    expect(order).toEqual([
      'stopContentShare',
      'stopLocalVideoTile',
      'stopVideoInput',
      'stopAudioInput',
      'stop',
    ])
    expect(call.state.phase).toBe('left')
  })
})
