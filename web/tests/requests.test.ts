import { expect, it } from 'vitest'
import { remaining } from '../src/features/requests/remaining'

it('the time that is left is told by the second, and never below nothing', () => {
  expect(remaining(23 * 3_600_000 + 4 * 60_000 + 9_999)).toBe('23:04:09')
  expect(remaining(59_000)).toBe('00:59')
  expect(remaining(-1)).toBe('00:00')
})
