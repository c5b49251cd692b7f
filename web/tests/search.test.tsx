import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { Options } from '../src/features/doctors/Options'
import { SearchForm } from '../src/features/doctors/SearchForm'
import { begin, speak } from '../src/i18n/i18n'
import { SessionProvider } from '../src/session/context'

const SPECIALTIES = [
  ['cardiologia', 'Cardiologia'],
  ['clinica-medica', 'Clínica médica'],
] as const

beforeAll(async () => {
  await begin()
  await speak('en')
})

afterEach(cleanup)

const box = () => screen.getByRole<HTMLInputElement>('combobox')
const sent = (form: HTMLElement) => new FormData(form as HTMLFormElement).get('specialty')

function Searched({ options }: { options: typeof SPECIALTIES | readonly [] }) {
  return (
    <form aria-label="search">
      <Options
        name="specialty"
        label="Specialty"
        options={options}
        first={null}
        placeholder="Any"
      />
    </form>
  )
}

it('what is typed before the list of specialties has come is there afterwards, and counts', async () => {
  const { rerender } = render(<Searched options={[]} />)
  await userEvent.type(box(), 'clinica medica')
  await userEvent.tab()
  expect(sent(screen.getByRole('form'))).toBe('')

  rerender(<Searched options={SPECIALTIES} />)

  expect(box().value).toBe('clinica medica')
  expect(sent(screen.getByRole('form'))).toBe('clinica-medica')
})

it('what names no specialty is not kept', async () => {
  render(<Searched options={SPECIALTIES} />)
  await userEvent.type(box(), 'cardio')
  await userEvent.tab()

  expect(box().value).toBe('')
  expect(sent(screen.getByRole('form'))).toBe('')
})

it('the search keeps its box while its specialties come', async () => {
  let come = (_: Response) => {}
  const coming = new Promise<Response>(resolve => {
    come = resolve
  })
  vi.stubGlobal('fetch', () => coming)
  const searched = vi.fn()
  render(
    <SessionProvider>
      <SearchForm query={new URLSearchParams()} city={null} onSearch={searched} />
    </SessionProvider>,
  )
  const specialty = screen.getByRole<HTMLInputElement>('combobox', { name: 'Specialty' })
  await userEvent.type(specialty, 'cardiologia')

  const specialties = SPECIALTIES.map(([code, name]) => ({ __typename: 'Specialty', code, name }))
  const headers = { 'content-type': 'application/json' }
  come(new Response(JSON.stringify({ data: { specialties } }), { headers }))
  await vi.waitFor(() =>
    expect(document.querySelector('[name=specialty]')).toHaveProperty('value', 'cardiologia'),
  )

  expect(specialty.isConnected).toBe(true)
  expect(specialty.value).toBe('cardiologia')
  await userEvent.click(screen.getByRole('button', { name: 'Search' }))
  expect(Object.fromEntries(searched.mock.lastCall?.[0])).toMatchObject({
    specialty: 'cardiologia',
  })
})
