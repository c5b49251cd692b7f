import { beforeEach, expect, it } from 'vitest'
import { draftOf, faultsOf, keepWork, workKept } from '../src/features/papers/papers'
import { codeOf } from '../src/features/papers/verifying'

function form(fields: Record<string, string>): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.set(name, value)
  return data
}

beforeEach(() => localStorage.clear())

it('no days are no leave, and an unticked box is no consent', () => {
  const draft = draftOf('certificate', form({ text: ' Esteve aqui. ', days: '', cid: 'J11' }), 0)
  expect(draft).toMatchObject({ text: 'Esteve aqui.', days: null, cid: 'J11', cidConsent: false })
  expect(draftOf('certificate', form({ days: '3' }), 0).days).toBe(3)
})

it('drugs are read in their order, as many as there are', () => {
  const given = form({
    'items.0.drug': 'Losartana',
    'items.0.dose': '50 mg',
    'items.0.posology': '1 ao dia',
    'items.0.quantity': '30',
    'items.1.drug': 'Dipirona',
    'items.2.drug': 'taken away',
  })
  const { items } = draftOf('prescription', given, 2)
  expect(items).toEqual([
    { drug: 'Losartana', dose: '50 mg', posology: '1 ao dia', quantity: '30' },
    { drug: 'Dipirona', dose: '', posology: '', quantity: '' },
  ])
})

it('what is wrong is said at its field, and what has none above all', () => {
  const fields = new Set(['cid', 'items.1.drug'])
  const problems = [
    { code: 'INVALID' as const, path: ['items', '1', 'drug'] },
    { code: 'CONSENT_REQUIRED' as const, path: ['cidConsent'] },
    { code: 'TOO_LATE' as const, path: ['appointmentId'] },
  ]
  expect(faultsOf(problems, name => fields.has(name))).toEqual({
    'items.1.drug': 'INVALID',
    '': 'CONSENT_REQUIRED',
  })
  expect(faultsOf([{ code: 'NOT_UPLOADED', path: [] }], () => false)).toEqual({ '': 'other' })
})

it('where a doctor works is remembered on this device', () => {
  expect(workKept()).toEqual({ workAddress: '', workContact: '' })
  keepWork(draftOf('certificate', form({ workAddress: 'Rua A', workContact: '11' }), 0))
  expect(workKept()).toEqual({ workAddress: 'Rua A', workContact: '11' })
})

it.each([
  ['0123456789abcdef0123', '0123456789ABCDEF0123'],
  [' 01234-56789-ABCDE-F0123 ', '0123456789ABCDEF0123'],
  ['0123456789ABCDEF012', null],
  ['0123456789ABCDEFG123', null],
  ['', null],
])('%s is the code %s', (typed, code) => {
  expect(codeOf(typed)).toBe(code)
})
