// The engine: who negotiates with whom, in which order, and what of the past is left alone.
import { describe, expect, it, vi } from 'vitest'
import { EVERYTHING } from '../src/consultation/call'
import type { PeerCall } from '../src/consultation/peer'
import type { Signal } from '../src/consultation/signals'
import { type FakeConnection, Server, settle, stream, turn } from './peers'

type Side = { call: PeerCall; connections: FakeConnection[] }

const offersOf = (said: Signal[]) =>
  said.filter(each => each.kind === 'description' && each.description.type === 'offer').length

const last = ({ connections }: Side) => connections.at(-1) as FakeConnection

function expectTogether(one: Side, other: Side) {
  for (const [mine, theirs] of [
    [last(one), last(other)],
    [last(other), last(one)],
  ] as const) {
    expect(mine.signalingState).toBe('stable')
    expect(mine.remoteDescription?.sdp).toBe(theirs.localDescription?.sdp)
    expect(mine.candidates).toContain(`of ${theirs.name}`)
  }
}

describe('two who join', () => {
  it('at the same time come together, the doctor offering', async () => {
    const server = new Server()
    const doctor = server.enter('doctor', 'd')
    const patient = server.enter('patient', 'p')
    await settle()

    expectTogether(doctor, patient)
    expect(last(doctor).localDescription?.type).toBe('offer')
    expect(last(patient).localDescription?.type).toBe('answer')
    expect(offersOf(server.said.patient)).toBe(0)
  })

  it('come together though the doctor has neither camera nor microphone', async () => {
    const server = new Server()
    const doctor = server.enter('doctor', 'd', stream())
    const patient = server.enter('patient', 'p')
    await settle()

    expectTogether(doctor, patient)
    expect(last(doctor).tracks).toEqual(['audio', 'video'])
  })

  it('when both offer at once later, the doctor has his way', async () => {
    const server = new Server()
    const doctor = server.enter('doctor', 'd')
    const patient = server.enter('patient', 'p')
    await settle()
    last(doctor).onnegotiationneeded()
    last(patient).onnegotiationneeded()
    await settle()

    expectTogether(doctor, patient)
    expect(offersOf(server.said.patient)).toBe(1)
    expect(last(patient).localDescription?.type).toBe('answer')
  })

  it.each(['doctor', 'patient'] as const)('come together when the %s is late', async late => {
    const server = new Server()
    const early = server.enter(late === 'doctor' ? 'patient' : 'doctor', 'early')
    await settle()
    expect(early.call.state.phase).toBe('waiting')
    const other = server.enter(late, 'late')
    await settle()

    expectTogether(early, other)
    expect(early.connections).toHaveLength(1)
  })

  it('take candidates that come before what they belong to', async () => {
    const server = new Server()
    const kept: (() => void)[] = []
    const deliver = server.deliver
    server.deliver = (to, signal) => {
      if (signal.kind === 'description') kept.push(() => deliver(to, signal))
      else deliver(to, signal)
    }
    const doctor = server.enter('doctor', 'd')
    const patient = server.enter('patient', 'p')
    for (let each = 0; each < 4; each++) {
      await settle()
      for (const give of kept.splice(0)) give()
    }
    await settle()

    expectTogether(doctor, patient)
  })
})

describe('who loads the page anew', () => {
  it.each(['doctor', 'patient'] as const)('is met again: the %s', async side => {
    const server = new Server()
    const stays = server.enter(side === 'doctor' ? 'patient' : 'doctor', 'stays')
    const before = server.enter(side, 'before')
    await settle()
    before.vanish()
    const after = server.enter(side, 'after')
    await settle()

    expectTogether(stays, after)
    expect(stays.connections).toHaveLength(2)
    expect(stays.connections[0]?.signalingState).toBe('closed')
  })

  it('takes nothing for his own that was said to the page before', async () => {
    const server = new Server()
    server.enter('doctor', 'd')
    const before = server.enter('patient', 'before')
    await settle()
    before.vanish()
    const follow = vi.spyOn(server, 'deliver')
    const after = server.enter('patient', 'after')
    await settle()

    const replayed = follow.mock.calls.filter(([to]) => to === after.call)
    expect(replayed.some(([, { to }]) => to === 'before')).toBe(true)
    expect(after.connections).toHaveLength(1)
    expect(last(after).heard).toHaveLength(1)
  })

  it('is not undone by what the page before had still on its way', async () => {
    const server = new Server()
    const doctor = server.enter('doctor', 'd')
    const before = server.enter('patient', 'before')
    await settle()
    before.vanish()
    const after = server.enter('patient', 'after')
    await settle()
    await doctor.call.hear({ session: 'before', kind: 'hello' })
    const description = { type: 'offer' as const, sdp: 'late' }
    await doctor.call.hear({ session: 'before', to: 'd', kind: 'description', description })

    expectTogether(doctor, after)
    expect(doctor.connections).toHaveLength(2)
  })
})

describe('a line that is dropped', () => {
  it('is looked for again, at once when it failed and after a while when it is gone', async () => {
    vi.useFakeTimers()
    const server = new Server()
    const doctor = server.enter('doctor', 'd')
    server.enter('patient', 'p')
    await vi.advanceTimersByTimeAsync(300)
    last(doctor).becomes('connected')
    expect(doctor.call.state.phase).toBe('connected')

    last(doctor).becomes('disconnected')
    expect(doctor.call.state.phase).toBe('interrupted')
    expect(last(doctor).restarts).toBe(0)
    await vi.advanceTimersByTimeAsync(4_000)
    expect(last(doctor).restarts).toBe(1)

    await vi.advanceTimersByTimeAsync(7_999)
    expect(last(doctor).restarts).toBe(1) // each time it waits for longer
    await vi.advanceTimersByTimeAsync(1)
    expect(last(doctor).restarts).toBe(2)

    last(doctor).becomes('failed')
    expect(last(doctor).restarts).toBe(3)
    last(doctor).becomes('connected')
    await vi.advanceTimersByTimeAsync(200_000)
    expect(last(doctor).restarts).toBe(3)
    vi.useRealTimers()
  })
})

describe('a line that is dropped for both', () => {
  it('is looked for by the doctor first', async () => {
    vi.useFakeTimers()
    const server = new Server()
    const doctor = server.enter('doctor', 'd')
    const patient = server.enter('patient', 'p')
    await vi.advanceTimersByTimeAsync(300)
    for (const side of [doctor, patient]) last(side).becomes('failed')
    expect([last(doctor).restarts, last(patient).restarts]).toEqual([1, 0])
    await vi.advanceTimersByTimeAsync(12_000)
    expect(last(patient).restarts).toBe(1)
    vi.useRealTimers()
  })
})

describe('who leaves', () => {
  it('is not waited for in vain, and may come back', async () => {
    const server = new Server()
    const doctor = server.enter('doctor', 'd')
    const patient = server.enter('patient', 'first')
    await settle()
    patient.call.leave()
    await settle()
    expect(doctor.call.state).toMatchObject({ phase: 'waiting', remote: null })
    expect(last(doctor).signalingState).toBe('closed')

    const again = server.enter('patient', 'second')
    await settle()
    expectTogether(doctor, again)
  })

  it('hears nothing more', async () => {
    const server = new Server()
    const doctor = server.enter('doctor', 'd')
    doctor.call.leave()
    server.enter('patient', 'p')
    await settle()

    expect(doctor.connections).toHaveLength(0)
    expect(doctor.call.state.phase).toBe('left')
  })
})

describe('devices', () => {
  it('are told to whoever comes, and when they change', async () => {
    const server = new Server()
    const doctor = server.enter('doctor', 'd')
    doctor.call.tell({ ...EVERYTHING, camera: false })
    const patient = server.enter('patient', 'p')
    await settle()
    expect(patient.call.state.theirs.camera).toBe(false)

    doctor.call.tell({ ...EVERYTHING, screen: true })
    await settle()
    expect(patient.call.state.theirs).toEqual({ ...EVERYTHING, screen: true })
  })

  it('a screen takes the place of the camera, without another negotiation', async () => {
    const server = new Server()
    const doctor = server.enter('doctor', 'd')
    server.enter('patient', 'p')
    await settle()
    const offered = server.said.doctor.filter(({ kind }) => kind === 'description').length
    const screen = { kind: 'video' } as MediaStreamTrack
    doctor.call.show(screen)
    await turn()

    expect(last(doctor).tracks).toContain(screen)
    expect(server.said.doctor.filter(({ kind }) => kind === 'description')).toHaveLength(offered)
  })

  it('who comes later is shown the screen that is shared', async () => {
    const server = new Server()
    const doctor = server.enter('doctor', 'd')
    const screen = { kind: 'video' } as MediaStreamTrack
    doctor.call.show(screen)
    server.enter('patient', 'p')
    await settle()

    expect(last(doctor).tracks).toContain(screen)
  })

  it('another microphone is heard in place of the one before', async () => {
    const server = new Server()
    const doctor = server.enter('doctor', 'd')
    server.enter('patient', 'p')
    await settle()
    const headset = { kind: 'audio' } as MediaStreamTrack
    doctor.call.speak(headset)

    expect(last(doctor).tracks).toContain(headset)
    expect(last(doctor).tracks).toHaveLength(2)
  })
})

describe('audio only', () => {
  const pictures = (side: Side) =>
    last(side).tracks.filter(track => (track as MediaStreamTrack | null)?.kind === 'video').length

  it.each(['doctor', 'patient'] as const)('of the %s: no picture goes, either way', async side => {
    const server = new Server()
    const doctor = server.enter('doctor', 'd')
    const patient = server.enter('patient', 'p')
    await settle()
    expect([pictures(doctor), pictures(patient)]).toEqual([1, 1])
    const who = side === 'doctor' ? doctor : patient
    who.call.tell({ ...EVERYTHING, camera: false, audioOnly: true })
    await settle()
    expect([pictures(doctor), pictures(patient)]).toEqual([0, 0])

    who.call.tell(EVERYTHING)
    await settle()
    expect([pictures(doctor), pictures(patient)]).toEqual([1, 1])
    expectTogether(doctor, patient)
  })

  it('holds for who comes later, and is not undone by a screen', async () => {
    const server = new Server()
    const doctor = server.enter('doctor', 'd')
    doctor.call.tell({ ...EVERYTHING, camera: false, audioOnly: true })
    const patient = server.enter('patient', 'p')
    await settle()
    patient.call.show({ kind: 'video' } as MediaStreamTrack)

    expect([pictures(doctor), pictures(patient)]).toEqual([0, 0])
    expectTogether(doctor, patient)
  })

  it('is over when who wanted it leaves', async () => {
    const server = new Server()
    const doctor = server.enter('doctor', 'd')
    const patient = server.enter('patient', 'p')
    await settle()
    patient.call.tell({ ...EVERYTHING, audioOnly: true })
    await settle()
    patient.call.leave()
    server.enter('patient', 'again')
    await settle()

    expect(pictures(doctor)).toBe(1)
  })
})
