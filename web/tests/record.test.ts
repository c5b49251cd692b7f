import i18n from 'i18next'
import { beforeAll, expect, it } from 'vitest'
import type { Access } from '../src/features/records/accesses'
import { known } from '../src/features/records/patients'
import { sentence } from '../src/features/records/sentence'
import { dayOf, endOf, left } from '../src/features/records/until'
import { begin, speak } from '../src/i18n/i18n'

beforeAll(async () => {
  await begin()
  await speak('en')
})

const access = (given: object) =>
  ({ action: 'OPENED', actorName: 'Helena', actorCrm: '1', document: null, ...given }) as Access

it('each entry of the log is a sentence', () => {
  const said = (given: object) => sentence(access(given), i18n.t)
  expect(said({ document: { id: '1', name: 'Raio X' } })).toBe('Helena opened Raio X.')
  expect(said({ actorCrm: null, action: 'HIDDEN', document: { name: 'X' } })).toBe('You hid X.')
  expect(said({ action: 'SHARED', purpose: 'Fainted' })).toContain('in an emergency')
  expect(said({ action: 'DENIED', purpose: 'Let me' })).toContain('They wrote: “Let me”')
  expect(said({ actorName: null, actorCrm: null })).toContain('Somebody of the clinic')
  expect(said({ note: { id: '1' } })).toBe('Helena opened a note of a visit.')
})

it('what is left is told in the largest unit that says something', () => {
  const now = Date.parse('2026-03-01T12:00:00Z')
  expect(left('2026-03-08T12:00:00Z', now, 'en')).toBe('7 days')
  expect(left('2026-03-02T12:00:00Z', now, 'en')).toBe('24 hours')
  expect(left('2026-03-01T12:00:30Z', now, 'en')).toBe('1 minute')
  expect(left('2026-03-01T12:00:00Z', now, 'en')).toBeNull()
})

it('the last day of a share is shared whole', () => {
  expect(dayOf(endOf('2026-12-31'))).toBe('2026-12-31')
  expect(endOf('2026-12-31').getHours()).toBe(23)
})

it('patients of today come first, by the day where the doctor is', () => {
  const visit = (id: string, status: string, startsAt: string) => {
    return { status, startsAt, endsAt: startsAt, patient: { id, name: id } }
  }
  const mine = {
    doctor: { id: 'd', timeZone: 'America/Sao_Paulo' },
    appointments: {
      nodes: [
        visit('ana', 'COMPLETED', '2026-03-01T15:00:00Z'),
        visit('bia', 'CONFIRMED', '2026-03-02T02:30:00Z'), // still the first where the doctor is
        visit('caio', 'CONFIRMED', '2026-03-02T03:30:00Z'),
      ],
    },
    accessRequests: { nodes: [{ patient: { id: 'ana' }, status: 'PENDING' }] },
  }
  const shared = [{ id: '1', patient: { id: 'davi', name: 'davi' } }]
  const people = known(mine as never, shared as never, new Date('2026-03-01T15:00:00Z'))

  expect(people.map(({ id }) => id)).toEqual(['bia', 'davi', 'ana', 'caio'])
  expect(people.filter(({ today }) => today).map(({ id }) => id)).toEqual(['bia'])
  expect(people.filter(({ asked }) => asked).map(({ id }) => id)).toEqual(['ana'])
})
