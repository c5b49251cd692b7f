import { expect, it } from 'vitest'
import { doctorsIn, faultsOf, filterOf, wantedBy } from '../src/features/administration/audit'
import { used } from '../src/features/administration/partners'
import { POSSIBLE, registrationOf } from '../src/features/administration/registrations'

const ID = '0190a0b0-0000-7000-8000-000000000001'
const wanted = (query: string) => wantedBy(new URLSearchParams(query))

it('days are whole ones of the viewer’s own calendar, the last one included', () => {
  const filter = filterOf(wanted('from=2030-01-07&to=2030-01-07'), 'America/Sao_Paulo')
  expect(filter).toEqual({
    actorId: null,
    subjectId: null,
    action: null,
    from: '2030-01-07T03:00:00.000Z',
    to: '2030-01-08T03:00:00.000Z',
  })
})

it('what stands in the address is what is asked for', () => {
  const filter = filterOf(wanted(`actor=doctor_${ID}&subject=slot_${ID}&action=MoveSlot`))
  expect(filter).toMatchObject({
    actorId: `doctor_${ID}`,
    subjectId: `slot_${ID}`,
    action: 'MoveSlot',
    from: null,
    to: null,
  })
})

it.each([
  [`actor=doctor_${ID}`, {}],
  [`actor=administrator_${ID}&subject=emergency_${ID}`, {}],
  [`actor=slot_${ID}`, { actor: 'badId' }],
  ['actor=Helena', { actor: 'badId' }],
  [`subject=administrator_${ID}`, { subject: 'badId' }],
  [`subject=doctor_${ID.toUpperCase()}`, { subject: 'badId' }],
  ['from=2030-01-08&to=2030-01-07', { to: 'order' }],
])('%s: %o', (query, faults) => {
  expect(faultsOf(wanted(query))).toEqual(faults)
})

it('doctors are named once, whether they did something or it was done to them', () => {
  const about = (name: string, value: string) => ({
    __typename: 'AuditSubject' as const,
    name,
    value,
  })
  const line = {
    __typename: 'AuditEntry' as const,
    id: 'entry_1',
    at: '2030-01-07T12:15:00Z',
    role: 'DOCTOR' as const,
    actorId: 'doctor_1',
    sessionId: null,
    action: 'MoveSlot',
    subjects: [
      about('doctorId', 'doctor_1'),
      about('doctorId', 'doctor_2'),
      about('slotId', 'slot_3'),
    ],
  }
  expect(doctorsIn([line, line])).toEqual(['doctor_1', 'doctor_2'])
})

it('a partner’s use is that of all days together', () => {
  const day = {
    __typename: 'PartnerUsage' as const,
    day: '2030-01-07',
    operations: 2,
    points: 7.5,
    errors: 1,
  }
  expect(used({ usage: [day, day] })).toEqual({ operations: 4, points: 15, errors: 2 })
})

it('nobody is verified twice, or reinstated who is not suspended', () => {
  expect(POSSIBLE.VERIFIED).toEqual(['suspend'])
  expect(POSSIBLE.SUSPENDED).toEqual(['reinstate'])
  expect(POSSIBLE.PENDING).toEqual(['verify', 'reject'])
})

it('a doctor’s page is known by CRM and state', () => {
  const doctor = { crm: '123P', uf: 'SP' as const }
  expect(registrationOf(doctor as Parameters<typeof registrationOf>[0])).toBe('123P-SP')
})
