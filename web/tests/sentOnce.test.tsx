// What becomes of an act whose answer is lost on its way: only the person at the screen sends it again.
import { cleanup, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { MemoryRouter } from 'react-router'
import { Provider } from 'urql'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { RequestForm } from '../src/features/booking/RequestForm'
import { createClient } from '../src/graphql/client'
import { begin, speak } from '../src/i18n/i18n'

const asked = vi.fn()
const inputs = () => asked.mock.calls.map(([, { body }]) => JSON.parse(body).variables.input)

beforeAll(async () => {
  await begin()
  await speak('en')
})

beforeEach(async () => {
  asked.mockRejectedValue(new TypeError('Failed to fetch'))
  vi.stubGlobal('fetch', asked)
  render(
    <Provider value={createClient()}>
      <RequestForm slotId="slot_1" page="/doctors/doctor_1" consentText={null} />
    </Provider>,
    { wrapper: MemoryRouter },
  )
  await userEvent.click(screen.getByRole('checkbox'))
})

afterEach(() => {
  cleanup()
  asked.mockReset()
  vi.unstubAllGlobals()
})

async function press(times: number) {
  await userEvent.click(screen.getByRole('button', { name: 'Request visit' }))
  await waitFor(() => expect(asked).toHaveBeenCalledTimes(times))
}

it('the page itself does not send it again', async () => {
  await press(1)
  await new Promise(done => setTimeout(done, 1_000))

  expect(asked).toHaveBeenCalledTimes(1)
})

it('pressed again it is the same request, and another one when something else is said', async () => {
  await press(1)
  await press(2)
  await userEvent.type(screen.getByLabelText('Reason for the visit (optional)'), 'Headache')
  await press(3)

  const [first, again, other] = inputs().map(({ idempotencyKey }) => idempotencyKey)
  expect(first).toMatch(/^[0-9a-f-]{36}$/)
  expect(again).toBe(first)
  expect(other).not.toBe(first)
})
