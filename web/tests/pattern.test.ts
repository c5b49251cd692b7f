import { expect, it } from 'vitest'
import { type Pattern, periods, planned } from '../src/features/agenda/pattern'

const SAO_PAULO = 'America/Sao_Paulo'

const pattern = (given: Partial<Pattern> = {}): Pattern => ({
  weekdays: ['MONDAY', 'WEDNESDAY'],
  startTime: '09:00',
  endTime: '10:00',
  minutes: 30,
  bufferMinutes: 0,
  fromDate: '2030-01-07', // a Monday
  toDate: '2030-01-13',
  ...given,
})

const starts = (given?: Partial<Pattern>, zone = SAO_PAULO) =>
  periods(pattern(given), zone).map(({ startsAt }) => startsAt.slice(5, 16))

it('times tile the hours of each of the weekdays, by the wall clock of the zone', () => {
  expect(starts()).toEqual(['01-07T12:00', '01-07T12:30', '01-09T12:00', '01-09T12:30'])
  expect(starts({ weekdays: ['SUNDAY'] })).toEqual(['01-13T12:00', '01-13T12:30'])
})

it('a break comes after each, and what would run past the end is not made', () => {
  expect(starts({ bufferMinutes: 10, toDate: '2030-01-08' })).toEqual(['01-07T12:00'])
  expect(starts({ bufferMinutes: 10, endTime: '10:10', toDate: '2030-01-08' })).toHaveLength(2)
})

it('an hour that the clock leaps over makes none, and one that comes twice makes two', () => {
  const night = { weekdays: ['SUNDAY'] as const, startTime: '02:00', endTime: '04:00', minutes: 60 }
  const spring = { ...night, fromDate: '2026-03-08', toDate: '2026-03-08' }
  expect(starts(spring, 'America/New_York')).toEqual(['03-08T07:00'])
  const autumn = { ...night, fromDate: '2026-11-01', toDate: '2026-11-01', startTime: '01:00' }
  expect(starts(autumn, 'America/New_York')).toEqual([
    '11-01T05:00',
    '11-01T06:00',
    '11-01T07:00',
    '11-01T08:00',
  ])
})

it('a pattern that is not whole yet makes nothing', () => {
  for (const missing of [
    { fromDate: '' },
    { startTime: '' },
    { endTime: '09:00' },
    { minutes: Number.NaN },
    { weekdays: [] },
  ]) {
    expect(starts(missing)).toEqual([])
  }
})

it('what is in the way is told of each time: touching is not overlapping', () => {
  const taken = [{ startsAt: '2030-01-07T12:45:00Z', endsAt: '2030-01-07T13:00:00Z' }]
  const times = planned(periods(pattern(), SAO_PAULO), taken, Date.parse('2030-01-07T12:00:00Z'))
  expect(times.map(({ fault }) => fault)).toEqual(['past', 'overlaps', null, null])
  const after = [{ startsAt: '2030-01-07T13:00:00Z', endsAt: '2030-01-07T13:30:00Z' }]
  expect(planned(periods(pattern(), SAO_PAULO), after, 0).some(({ fault }) => fault)).toBe(false)
})
