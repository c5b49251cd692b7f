import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { CityField } from '../src/features/doctors/CityField'
import { allCities } from '../src/features/doctors/cities'
import { begin, speak } from '../src/i18n/i18n'

beforeAll(async () => {
  await begin()
  await speak('en')
})

afterEach(cleanup)

it('another city is chosen by typing over the one there is', async () => {
  const first = (await allCities()).find(({ id }) => id === 'São Paulo-SP') ?? null
  const told = vi.fn()
  render(<CityField first={first} onChange={told} />)
  const field = screen.getByRole('combobox', { name: 'City' }) as HTMLInputElement
  expect(field.value).toBe('São Paulo — SP')

  await userEvent.tripleClick(field)
  await userEvent.keyboard('campinas sp')
  await userEvent.click(await screen.findByRole('option', { name: /Campinas/ }))

  expect(field.value).toBe('Campinas — SP')
  expect(told).toHaveBeenCalled()
})
