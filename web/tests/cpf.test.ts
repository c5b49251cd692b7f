import { expect, it } from 'vitest'
import { isCpf, punctuated } from '../src/features/auth/cpf'

it.each(['529.982.247-25', '52998224725', ' 529.982.247-25 '])('%s is a CPF', text => {
  expect(isCpf(text)).toBe(true)
})

it.each([
  '529.982.247-24',
  '529.982.247-15',
  '111.111.111-11',
  '529.982.247',
  '529 982 247 25',
  '',
])('%s is none', text => {
  expect(isCpf(text)).toBe(false)
})

it('a CPF gets its punctuation as it is typed', () => {
  const typed = ['529', '5299', '5299822', '529.982.2472', '529982247250']
  expect(typed.map(punctuated)).toEqual([
    '529',
    '529.9',
    '529.982.2',
    '529.982.247-2',
    '529.982.247-25',
  ])
})
