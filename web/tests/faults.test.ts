import i18next from 'i18next'
import { beforeAll, expect, it } from 'vitest'
import { faultsOf } from '../src/features/auth/faults'
import { hostHasPasskeys, namedAddress, whyNot } from '../src/features/auth/webauthn'
import { begin, speak } from '../src/i18n/i18n'

beforeAll(async () => {
  await begin()
  await speak('en')
})

const GIVEN = { name: 'A', password: 'x', otp: '', 'rqe.pediatria': 'y' }
const told = (...problems: Parameters<typeof faultsOf>[0]) => faultsOf(problems, GIVEN, i18next.t)

it('each field is told what it has to be', () => {
  expect(
    told({ code: 'INVALID', path: ['name'] }, { code: 'MFA_REQUIRED', path: ['otp'] }),
  ).toEqual({
    name: 'A name has 2 to 120 characters.',
    otp: 'Type the code of your authenticator app.',
  })
  const fieldOf = () => 'rqe.pediatria'
  expect(
    faultsOf([{ code: 'INVALID', path: ['qualifications'] }], GIVEN, i18next.t, fieldOf),
  ).toEqual({ 'rqe.pediatria': 'This is not an RQE number: write its digits.' })
})

it('what is wrong with none of the fields is said of the whole', () => {
  expect(told({ code: 'INVALID_CREDENTIALS', path: [] })).toEqual({
    '': 'The password or the code is not right.',
  })
  expect(told({ code: 'INVALID', path: ['elsewhere'] })).toEqual({
    '': 'Some field is not right. Please check them all.',
  })
  expect(told({ code: 'SLOT_TAKEN', path: [] })).toEqual({
    '': 'It is not possible now. Try again later.',
  })
})

it('of several faults of one field the first is told', () => {
  const both = told({ code: 'TOO_MANY_ATTEMPTS', path: [] }, { code: 'LIMIT_REACHED', path: [] })
  expect(both).toEqual({ '': 'Too many attempts. Wait a little and try again.' })
})

it.each([
  ['localhost', true],
  ['clinica.example', true],
  ['127.0.0.1', false],
  ['[::1]', false],
])('for the host %s there are passkeys: %s', (host, there) => {
  expect(hostHasPasskeys(host)).toBe(there)
})

it('who came by a number is shown the name', () => {
  const at = { protocol: 'http:', port: '8000', pathname: '/account/security' } as Location
  expect(namedAddress(at)).toBe('http://localhost:8000/account/security')
})

it('a passkey that was let be, and one that is known, are told apart from what is broken', () => {
  expect(whyNot(new DOMException('', 'NotAllowedError'))).toBe('left')
  expect(whyNot(new DOMException('', 'InvalidStateError'))).toBe('known')
  expect(whyNot(new DOMException('', 'SecurityError'))).toBe('other')
  expect(whyNot(new TypeError('Failed to fetch'))).toBe('other')
})
