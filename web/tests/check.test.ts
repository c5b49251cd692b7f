import { describe, expect, it } from 'vitest'
import { quality } from '../src/consultation/check'

describe('a line', () => {
  it.each([
    [0, 'GOOD'],
    [150, 'GOOD'],
    [151, 'FAIR'],
    [400, 'FAIR'],
    [401, 'POOR'],
    [null, 'POOR'],
  ] as const)('that takes %s ms there and back is %s', (took, told) => {
    expect(quality(took)).toBe(told)
  })
})
