import { parseDate, today } from '@internationalized/date'
import { cleanup, render, screen, within } from '@testing-library/react'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Bars } from '../src/features/statistics/Bars'
import { Columns } from '../src/features/statistics/Columns'
import { bounds, fits, periodOf } from '../src/features/statistics/period'
import { ceiling, duration, shortDay } from '../src/features/statistics/worded'
import { begin, speak } from '../src/i18n/i18n'

const ZONE = 'America/Sao_Paulo'
const period = (address: string) => periodOf(new URLSearchParams(address), ZONE)

beforeAll(async () => {
  await begin()
  await speak('en')
})

afterEach(cleanup)

describe('a period', () => {
  it('is of the last thirty days, today among them, unless the address says otherwise', () => {
    for (const address of ['', 'days=31', 'days=x', 'from=2026-02-01', 'from=a&to=b']) {
      const { first, last, days } = period(address)
      expect(days).toBe(30)
      expect(last.compare(today(ZONE))).toBe(0)
      expect(last.compare(first)).toBe(29)
    }
    expect(period('days=7').days).toBe(7)
  })

  it('may be of chosen days, from the midnight of the first to that after the last', () => {
    const chosen = period('from=2026-01-31&to=2026-02-01')

    expect(chosen.days).toBeNull()
    expect(bounds(chosen, ZONE)).toEqual({
      from: '2026-01-31T03:00:00.000Z',
      to: '2026-02-02T03:00:00.000Z',
    })
  })

  it('has a year at most, and its end after its beginning', () => {
    const first = parseDate('2026-01-01')

    expect(fits(first, first)).toBe(true)
    expect(fits(first, first.add({ days: 365 }))).toBe(true)
    expect(fits(first, first.add({ days: 366 }))).toBe(false)
    expect(fits(first, first.subtract({ days: 1 }))).toBe(false)
    expect(period('from=2026-01-02&to=2026-01-01').days).toBe(30)
  })
})

describe('numbers', () => {
  it('a time is told by its two greatest units', () => {
    const told = [0, 29, 90, 3_600, 7_500, 90_000, 172_800].map(each => duration(each, 'en'))

    expect(told).toEqual(['0 min', '0 min', '2 min', '1 hr', '2 hr 5 min', '1 day 1 hr', '2 days'])
  })

  it('a scale ends at a round number', () => {
    expect([0, 1, 3, 5, 7, 9, 11, 25, 61, 99].map(ceiling)).toEqual([
      2, 2, 4, 6, 8, 10, 20, 40, 80, 100,
    ])
  })

  it('a day of another year says so', () => {
    const now = new Date('2026-03-01T12:00Z')

    expect(shortDay('2026-01-31', 'en', now)).toBe('Jan 31')
    expect(shortDay('2025-12-31', 'en', now)).toBe('Dec 31, 2025')
  })
})

it('columns are drawn to their scale, and have a table of the same numbers', () => {
  const series = [
    { name: 'Came', colour: 'first', values: [4, 0] },
    { name: 'Cancelled', colour: 'second', values: [2, 1] },
  ] as const
  render(<Columns title="Visits" labels={['Mon', 'Tue']} series={series} say={String} axis="Day" />)

  const heights = [...document.querySelectorAll('rect:not(.reach)')].map(rect =>
    Number(rect.getAttribute('height')),
  )
  expect(heights.map(Math.round)).toEqual([67, 33, 0, 17]) // of six
  const rows = within(screen.getByRole('table', { hidden: true })).getAllByRole('row', {
    hidden: true,
  })
  expect(rows.map(row => row.textContent)).toEqual(['DayCameCancelled', 'Mon42', 'Tue01'])
})

it('bars tell each share of all', () => {
  render(
    <Bars
      title="Ratings"
      rows={[
        { name: '5 stars', value: 3 },
        { name: '4 stars', value: 1 },
      ]}
    />,
  )

  const rows = within(screen.getByRole('table', { name: 'Ratings' })).getAllByRole('row')
  expect(rows.map(row => row.textContent)).toEqual(['5 stars375%', '4 stars125%'])
})
