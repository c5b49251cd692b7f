// What the room says of the line and of the other side, and what a press of its buttons does.
import { act, cleanup, render, renderHook, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ALONE, type Call, EVERYTHING, type Phase } from '../src/consultation/call'
import type { Own } from '../src/consultation/media'
import type { Line } from '../src/consultation/quality'
import { LineQuality } from '../src/features/consultations/LineQuality'
import { useDevices } from '../src/features/consultations/useDevices'
import { Veil } from '../src/features/consultations/Veil'
import { begin, speak } from '../src/i18n/i18n'

beforeAll(async () => {
  await begin()
  await speak('en')
})

afterEach(() => {
  cleanup()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('over where the picture would be', () => {
  const veil = (given: Partial<Parameters<typeof Veil>[0]>) =>
    render(
      <Veil
        phase="connected"
        theirs={EVERYTHING}
        audioOnly={false}
        name="Ana"
        present
        onRejoin={() => {}}
        {...given}
      />,
    ).container.textContent

  it.each([
    [{}, ''],
    [{ theirs: { ...EVERYTHING, camera: false } }, 'Ana has turned the camera off'],
    [{ theirs: { ...EVERYTHING, camera: false, screen: true } }, ''],
    [
      { theirs: { ...EVERYTHING, camera: false, audioOnly: true } },
      'Ana is on audio only, to save the line.',
    ],
    [{ audioOnly: true }, 'Audio only: no pictures go or come, which saves the line.'],
    [{ phase: 'waiting' as Phase }, 'Waiting for Ana…'],
    [{ phase: 'connecting' as Phase }, 'Connecting to Ana…'],
    [{ phase: 'connecting' as Phase, present: false }, 'Waiting for Ana…'],
    [{ phase: 'interrupted' as Phase }, 'The line was dropped. Coming back…'],
  ])('%j: %s', (given, said) => {
    expect(veil(given)).toBe(said)
  })

  it.each(['unreachable', 'elsewhere'] as const)('who is %s may join again', async phase => {
    const onRejoin = vi.fn()
    veil({ phase, onRejoin })
    await userEvent.click(screen.getByRole('button', { name: 'Join again' }))

    expect(onRejoin).toHaveBeenCalledOnce()
  })

  it('so may who has waited ten seconds for the line to come back', () => {
    vi.useFakeTimers()
    veil({ phase: 'interrupted' })
    act(() => vi.advanceTimersByTime(9_999))
    expect(screen.queryByRole('button')).toBeNull()
    act(() => vi.advanceTimersByTime(1))
    expect(screen.getByRole('button', { name: 'Join again' })).toBeDefined()
  })
})

describe('of the line', () => {
  const line = (quality: Line['quality']): Line => ({
    quality,
    roundTripMs: 42,
    loss: 0.0123,
    inKbps: 1_200,
    outKbps: 900,
  })

  it('is said how good it is, and what was measured', () => {
    render(<LineQuality line={line('GOOD')} audioOnly={false} onAudioOnly={() => {}} />)

    expect(screen.getByRole('status').textContent).toBe('Good connection')
    expect(
      screen.getByText('There and back: 42 ms · lost: 1.2% · 1,200 kbit/s in, 900 out'),
    ).toBeDefined()
    expect(screen.queryByRole('button')).toBeNull()
  })

  it('when it is poor, audio only is offered', async () => {
    const onAudioOnly = vi.fn()
    render(<LineQuality line={line('POOR')} audioOnly={false} onAudioOnly={onAudioOnly} />)
    await userEvent.click(screen.getByRole('button', { name: 'Use audio only' }))

    expect(onAudioOnly).toHaveBeenCalledOnce()
  })

  it('when it is poor with audio only, something else is advised', () => {
    render(<LineQuality line={line('POOR')} audioOnly onAudioOnly={() => {}} />)

    expect(screen.getByRole('status').textContent).toContain('nearer to the router')
    expect(screen.queryByRole('button')).toBeNull()
  })
})

describe('devices', () => {
  const track = (kind: string) => ({ kind, enabled: true }) as MediaStreamTrack

  function room() {
    const call: Call = {
      state: ALONE,
      subscribe: () => () => {},
      show: vi.fn(),
      speak: vi.fn(),
      tell: vi.fn(),
      stats: async () => null,
      leave: () => {},
    }
    const [camera, microphone] = [track('video'), track('audio')]
    const own: Own = { stream: {} as MediaStream, camera, microphone, lack: 'none' }
    const hook = renderHook(({ own }) => useDevices(call, own), { initialProps: { own } })
    return { call, own, camera, microphone, hook }
  }

  it('audio only turns the camera off, and gives it back as it was', () => {
    const { call, camera, hook } = room()
    expect(call.tell).toHaveBeenLastCalledWith(EVERYTHING)
    act(() => hook.result.current.toggleAudioOnly())
    expect(call.tell).toHaveBeenLastCalledWith({ ...EVERYTHING, camera: false, audioOnly: true })
    expect(camera.enabled).toBe(false)
    act(() => hook.result.current.toggleAudioOnly())
    expect(call.tell).toHaveBeenLastCalledWith(EVERYTHING)
    expect(camera.enabled).toBe(true)
  })

  it('who is muted stays so with another microphone', () => {
    const { call, own, hook } = room()
    act(() => hook.result.current.toggleMicrophone())
    const headset = track('audio')
    hook.rerender({ own: { ...own, microphone: headset } })

    expect(call.speak).toHaveBeenLastCalledWith(headset)
    expect(headset.enabled).toBe(false)
    expect(call.tell).toHaveBeenLastCalledWith({ ...EVERYTHING, microphone: false })
  })

  it('a screen is shown, and the camera again when the browser ends it', async () => {
    const { call, camera, hook } = room()
    const screen = Object.assign(new EventTarget(), { kind: 'video', stop: vi.fn() })
    const getDisplayMedia = async () => ({ getVideoTracks: () => [screen] })
    vi.stubGlobal('navigator', { mediaDevices: { getDisplayMedia } })
    await act(() => hook.result.current.toggleScreen())
    expect(call.show).toHaveBeenLastCalledWith(screen, 'screen')
    expect(call.tell).toHaveBeenLastCalledWith({ ...EVERYTHING, screen: true })
    act(() => {
      screen.dispatchEvent(new Event('ended'))
    })

    expect(call.show).toHaveBeenLastCalledWith(camera, 'camera')
    expect(screen.stop).toHaveBeenCalled()
    expect(call.tell).toHaveBeenLastCalledWith(EVERYTHING)
  })
})
