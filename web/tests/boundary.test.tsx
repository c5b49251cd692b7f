import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { begin, speak } from '../src/i18n/i18n'
import { Boundary } from '../src/ui/Boundary'

const SAID = 'This part could not be loaded.'

function Gone(): never {
  throw new TypeError('Failed to fetch dynamically imported module')
}

beforeAll(async () => {
  await begin()
  await speak('en')
})

afterEach(cleanup)

it('says that a part cannot be shown, and tries again elsewhere', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined) // React tells of it
  const { rerender } = render(
    <Boundary place="/record">
      <Gone />
    </Boundary>,
  )
  expect(screen.getByRole('alert').textContent).toBe(SAID)
  rerender(<Boundary place="/record">Record</Boundary>)
  expect(screen.queryByText('Record')).toBeNull()

  rerender(<Boundary place="/account">Account</Boundary>)
  expect(screen.getByText('Account')).toBeDefined()
  expect(screen.queryByRole('alert')).toBeNull()
})
