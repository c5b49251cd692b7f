import { parseDate } from '@internationalized/date'
import { expect, it } from 'vitest'
import { month } from '../src/features/agenda/days'

it.each([
  ['2026-02-10', 'pt-BR', '2026-02-01', '2026-02-28'], // begins on a Sunday and has 28 days
  ['2026-11-28', 'pt-BR', '2026-11-01', '2026-12-05'],
  ['2026-08-31', 'en-US', '2026-07-26', '2026-09-05'], // six weeks
  ['2026-08-01', 'en-GB', '2026-07-27', '2026-09-06'], // where weeks begin on Mondays
])('the month of %s, as %s has it, is shown from %s to %s', (day, language, first, last) => {
  const days = month(parseDate(day), language)

  expect(days[0]?.toString()).toBe(first)
  expect(days.at(-1)?.toString()).toBe(last)
  expect(days.length % 7).toBe(0)
  expect(new Set(days.map(String)).size).toBe(days.length)
})
