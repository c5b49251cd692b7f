import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { MemoryRouter } from 'react-router'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import SignIn from '../src/features/auth/SignIn'
import { sessions } from '../src/graphql/client'
import { begin, speak } from '../src/i18n/i18n'

const asked = vi.fn()

/** The server's answer to the next sign-in. */
function answers(field: string, payload: object) {
  asked.mockResolvedValueOnce(Response.json({ data: { [field]: payload } }))
}

const refused = (...problems: object[]) => ({ session: null, problems })
const sent = () => JSON.parse(asked.mock.lastCall?.[1].body).variables.input

beforeAll(async () => {
  await begin()
  await speak('en')
})

beforeEach(() => {
  vi.stubGlobal('fetch', asked)
  render(<SignIn />, { wrapper: MemoryRouter })
})

afterEach(() => {
  cleanup()
  asked.mockReset()
  sessions.end()
})

async function fillIn(fields: Record<string, string>) {
  for (const [label, text] of Object.entries(fields)) {
    await userEvent.type(screen.getByLabelText(label), text)
  }
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }))
}

const ANA = { 'E-mail': 'ana@example.com', CPF: '529.982.247-25', Password: 'saude' }

it('a patient signs in by e-mail, CPF and password', async () => {
  const claims = btoa(JSON.stringify({ iat: 0, exp: 600 }))
  const viewer = { __typename: 'PatientViewer', patient: { id: 'patient_1', name: 'Ana' } }
  const session = { accessToken: `a.${claims}.c`, viewer }
  answers('signInPatient', { session, problems: [] })
  await fillIn(ANA)

  expect(sent()).toEqual({
    email: 'ana@example.com',
    cpf: '529.982.247-25',
    password: 'saude',
    otp: null,
    cookie: true,
  })
  expect(sessions.current).toMatchObject({ role: 'patient', name: 'Ana' })
})

it('a doctor signs in by CRM and state', async () => {
  await userEvent.click(screen.getByRole('tab', { name: 'Doctor' }))
  answers('signInDoctor', refused({ code: 'INVALID_CREDENTIALS', path: [] }))
  await fillIn({ 'CRM number': '123456', Password: 'saude' })

  expect(sent()).toEqual({ crm: '123456', uf: 'SP', password: 'saude', otp: null, cookie: true })
  expect(screen.getByRole('alert').textContent).toContain('These do not match')
})

it('what was typed is there again for who looks at the other form', async () => {
  await userEvent.type(screen.getByLabelText('E-mail'), 'ana@example.com')
  await userEvent.click(screen.getByRole('tab', { name: 'Doctor' }))
  await userEvent.type(screen.getByLabelText('CRM number'), '123456')
  await userEvent.click(screen.getByRole('tab', { name: 'Patient' }))
  expect((screen.getByLabelText('E-mail') as HTMLInputElement).value).toBe('ana@example.com')

  await userEvent.click(screen.getByRole('tab', { name: 'Doctor' }))
  expect((screen.getByLabelText('CRM number') as HTMLInputElement).value).toBe('123456')
})

it('what is wrong with a field is said at the field', async () => {
  answers('signInPatient', refused({ code: 'INVALID', path: ['cpf'] }))
  await fillIn(ANA)

  const cpf = screen.getByLabelText('CPF')
  expect(cpf.getAttribute('aria-invalid')).toBe('true')
  const told = cpf.getAttribute('aria-describedby')?.split(' ') ?? []
  const words = told.map(id => document.getElementById(id)?.textContent).join()
  expect(words).toContain('Please check this field.')
  expect(screen.getByLabelText('E-mail').getAttribute('aria-invalid')).toBeNull()
})

it('a code is asked for when the account has a second factor, and is sent with the rest', async () => {
  answers('signInPatient', refused({ code: 'MFA_REQUIRED', path: ['otp'] }))
  await fillIn(ANA)
  answers('signInPatient', refused({ code: 'INVALID_CREDENTIALS', path: [] }))
  await fillIn({ 'Code of your authenticator app': ' 123456 ' })

  expect(sent()).toMatchObject({ email: 'ana@example.com', otp: '123456' })
})

it('nothing is sent while a field is empty', async () => {
  await fillIn({ 'E-mail': 'ana@example.com' })

  expect(asked).not.toHaveBeenCalled()
  expect(screen.getByLabelText('Password').getAttribute('aria-invalid')).toBe('true')
})

it('who is refused is led to another confirmation, in case that is what is missing', async () => {
  expect(screen.queryByRole('link', { name: /confirmation/ })).toBeNull()
  answers('signInPatient', refused({ code: 'INVALID_CREDENTIALS', path: [] }))
  await fillIn(ANA)

  const link = screen.getByRole('link', { name: 'Send the confirmation link again' })
  expect(link.getAttribute('href')).toBe('/confirm-email')
})

it('a server out of reach is told of', async () => {
  asked.mockRejectedValueOnce(new TypeError('Failed to fetch'))
  await fillIn(ANA)

  expect(screen.getByRole('alert').textContent).toContain('could not reach the server')
})

it('no text goes to the server, but the hash of a trusted one', async () => {
  answers('signInPatient', refused({ code: 'INVALID_CREDENTIALS', path: [] }))
  await fillIn(ANA)
  const body = JSON.parse(asked.mock.lastCall?.[1].body)

  expect(body.query).toBeUndefined()
  expect(body.extensions.persistedQuery.sha256Hash).toMatch(/^[0-9a-f]{64}$/)
})
