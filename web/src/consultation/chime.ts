// A consultation by the Amazon Chime SDK. Its library is large, so that this file is a chunk of its
// own, loaded when the server grants a meeting of Chime's (docs/decisions/0043).
//
// What is seen and heard is made one stream, as between two browsers, so that the room has one way to
// show it. The library is told neither who anybody is nor where to send what it counts.
import {
  type AudioVideoFacade,
  type AudioVideoObserver,
  ConsoleLogger,
  type DataMessage,
  DefaultDeviceController,
  DefaultEventController,
  DefaultMeetingSession,
  LogLevel,
  type MeetingSession,
  MeetingSessionConfiguration,
  type MeetingSessionStatus,
  MeetingSessionStatusCode,
  NoOpEventReporter,
  type VideoTileState,
} from 'amazon-chime-sdk-js'
import { ALONE, type Call, type CallState, EVERYTHING, type Phase } from './call'
import type { Devices } from './signals'

const TOPIC = 'devices'
const FIRST_WITHIN = 20_000 // milliseconds: a line that was never there is not waited for as one that was

/** `credentials`: as the server grants them, JSON with the library's Meeting and Attendee. */
export function openSession(credentials: string): MeetingSession {
  const { Meeting, Attendee } = JSON.parse(credentials)
  const configuration = new MeetingSessionConfiguration(Meeting, Attendee)
  const logger = new ConsoleLogger('Chime', LogLevel.OFF)
  const events = new DefaultEventController(configuration, logger, new NoOpEventReporter())
  const devices = new DefaultDeviceController(logger)
  return new DefaultMeetingSession(configuration, logger, devices, events)
}

export class ChimeCall implements Call, AudioVideoObserver {
  #state: CallState = { ...ALONE, phase: 'connecting' }
  #started = false
  #interrupted = false
  #alone = true
  #sound: MediaStream | null = null
  readonly #tiles = new Map<number, VideoTileState>()
  #devices: Devices = EVERYTHING
  #camera: MediaStreamTrack | null
  #screen: MediaStreamTrack | null = null
  #microphone: MediaStreamTrack | null
  #given: Partial<Record<'camera' | 'screen' | 'microphone', MediaStreamTrack | null>> = {}
  #giving: Promise<void> = Promise.resolve()
  readonly #first: ReturnType<typeof setTimeout>
  readonly #me: string | null
  readonly #line: AudioVideoFacade
  readonly #listeners = new Set<() => void>()

  constructor(session: MeetingSession, local: MediaStream) {
    this.#camera = local.getVideoTracks()[0] ?? null
    this.#microphone = local.getAudioTracks()[0] ?? null
    this.#me = session.configuration.credentials?.attendeeId ?? null
    this.#line = session.audioVideo
    this.#line.addObserver(this)
    this.#line.addAudioMixObserver({
      meetingAudioStreamBecameActive: sound => this.#hear(sound),
      meetingAudioStreamBecameInactive: () => this.#hear(null),
    })
    this.#line.realtimeSubscribeToAttendeeIdPresence(this.#attend)
    this.#line.realtimeSubscribeToReceiveDataMessage(TOPIC, this.#follow)
    this.#first = setTimeout(() => this.#giveUp('unreachable'), FIRST_WITHIN)
  }

  get state(): CallState {
    return this.#state
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The library has its sound from an element; it is silent, for the room plays the stream. */
  join(): void {
    const element = new Audio()
    element.muted = true
    void this.#line.bindAudioElement(element).catch(() => undefined)
    this.#give()
    void this.#giving.then(() => {
      if (this.#state.phase === 'connecting') this.#line.start()
    })
  }

  show(picture: MediaStreamTrack | null, of: 'camera' | 'screen'): void {
    this.#screen = of === 'screen' ? picture : null
    if (of === 'camera') this.#camera = picture
    this.#give()
  }

  speak(sound: MediaStreamTrack): void {
    this.#microphone = sound
    this.#give()
  }

  tell(devices: Devices): void {
    this.#devices = devices
    if (devices.microphone) this.#line.realtimeUnmuteLocalAudio()
    else this.#line.realtimeMuteLocalAudio()
    this.#give()
    this.#say()
  }

  async stats(): Promise<RTCStatsReport | null> {
    return this.#state.phase === 'connected' ? await this.#line.getRTCPeerConnectionStats() : null
  }

  leave(): void {
    this.#giveUp('left')
  }

  audioVideoDidStartConnecting(reconnecting: boolean): void {
    this.#interrupted = reconnecting && this.#started
    this.#stand()
  }

  audioVideoDidStart(): void {
    clearTimeout(this.#first)
    this.#started = true
    this.#interrupted = false
    this.#say()
    this.#stand()
  }

  audioVideoDidStop(status: MeetingSessionStatus): void {
    const elsewhere = status.statusCode() === MeetingSessionStatusCode.AudioJoinedFromAnotherDevice
    this.#giveUp(elsewhere ? 'elsewhere' : 'unreachable')
  }

  /** Of a tile that has just been made nobody knows yet whose it is. */
  videoTileDidUpdate(tile: VideoTileState): void {
    const whose = personOf(tile.boundAttendeeId)
    if (whose === null || whose === this.#me || tile.tileId === null) return
    this.#tiles.set(tile.tileId, tile)
    this.#look()
  }

  videoTileWasRemoved(tileId: number): void {
    if (this.#tiles.delete(tileId)) this.#look()
  }

  readonly #attend = (attendeeId: string, present: boolean): void => {
    if (attendeeId === this.#me || attendeeId !== personOf(attendeeId)) return
    this.#alone = !present
    if (present)
      this.#say() // who comes now has heard nothing of what was told before
    else {
      this.#tiles.clear()
      this.#set({ theirs: EVERYTHING })
      this.#give()
    }
    this.#stand()
    this.#look()
  }

  readonly #follow = (message: DataMessage): void => {
    if (message.senderAttendeeId === this.#me) return
    this.#set({ theirs: message.json() as Devices })
    this.#give()
  }

  #say(): void {
    if (this.#started) this.#line.realtimeSendDataMessage(TOPIC, this.#devices)
  }

  #hear(sound: MediaStream | null): void {
    this.#sound = sound
    this.#look()
  }

  /** A screen before the camera, with all that is heard. */
  #look(): void {
    const tiles = [...this.#tiles.values()]
    const tile = tiles.find(({ isContent }) => isContent) ?? tiles[0]
    const tracks = this.#alone
      ? []
      : [
          ...(this.#sound?.getAudioTracks() ?? []),
          ...(tile?.boundVideoStream?.getVideoTracks() ?? []),
        ]
    const shown = this.#state.remote?.getTracks() ?? []
    if (tracks.length === shown.length && tracks.every(track => shown.includes(track))) return
    this.#set({ remote: tracks.length === 0 ? null : new MediaStream(tracks) })
  }

  /** Gives to the library what is to go, one step after the other. */
  #give(): void {
    const audioOnly = this.#devices.audioOnly || this.#state.theirs.audioOnly
    const { camera } = this.#devices
    this.#step('microphone', this.#microphone, async sound => {
      if (sound) await this.#line.startAudioInput(alone(sound))
    })
    this.#step('camera', camera && !audioOnly ? this.#camera : null, async picture => {
      if (picture === null) {
        this.#line.stopLocalVideoTile()
        await this.#line.stopVideoInput()
      } else {
        await this.#line.startVideoInput(alone(picture))
        this.#line.startLocalVideoTile()
      }
    })
    this.#step('screen', audioOnly ? null : this.#screen, async screen => {
      if (screen) await this.#line.startContentShare(alone(screen))
      else this.#line.stopContentShare()
    })
  }

  #step(
    of: 'camera' | 'screen' | 'microphone',
    track: MediaStreamTrack | null,
    give: (track: MediaStreamTrack | null) => Promise<void>,
  ): void {
    if ((this.#given[of] ?? null) === track) return
    this.#given[of] = track
    this.#giving = this.#giving.then(() => give(track)).catch(() => undefined) // the rest still goes
  }

  #giveUp(phase: 'left' | 'unreachable' | 'elsewhere'): void {
    if (OVER.includes(this.#state.phase)) return
    clearTimeout(this.#first)
    this.#set({ ...ALONE, phase })
    this.#giving = this.#giving.then(async () => {
      this.#line.stopContentShare()
      this.#line.stopLocalVideoTile()
      await Promise.allSettled([this.#line.stopVideoInput(), this.#line.stopAudioInput()])
      this.#line.stop()
      this.#line.unbindAudioElement()
    })
  }

  #stand(): void {
    if (OVER.includes(this.#state.phase)) return
    if (this.#interrupted) this.#set({ phase: 'interrupted' })
    else if (!this.#started) this.#set({ phase: 'connecting' })
    else this.#set({ phase: this.#alone ? 'waiting' : 'connected' })
  }

  #set(state: Partial<CallState>): void {
    this.#state = { ...this.#state, ...state }
    for (const listener of this.#listeners) listener()
  }
}

const OVER: readonly Phase[] = ['left', 'unreachable', 'elsewhere']

/** A screen that somebody shares is an attendee, too: his id, and what it is. */
const personOf = (attendeeId: string | null) => attendeeId?.split('#')[0] ?? null

/** A copy, since the library stops what it was given; it is turned off by the library. */
function alone(track: MediaStreamTrack): MediaStream {
  const copy = track.clone()
  copy.enabled = true
  return new MediaStream([copy])
}
