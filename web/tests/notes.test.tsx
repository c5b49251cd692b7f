// A doctor's note: what is typed is kept, what is saved is said, and nobody's words are written over.
import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { type Client, Provider } from 'urql'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { fromValue } from 'wonka'
import { drafts } from '../src/features/notes/drafts'
import { Notes } from '../src/features/notes/Notes'
import { begin, speak } from '../src/i18n/i18n'

type Version = { id: string; version: number; text: string; writtenAt: string }

/** A server that keeps the versions of one note. */
class Server {
  versions: Version[] = []
  readonly written: { text: string; idempotencyKey: string }[] = []
  problem: string | null = null
  reachable = true

  save(text: string) {
    const version = this.versions.length + 1
    const writtenAt = '2030-01-07T13:00:00Z'
    this.versions.unshift({ id: `note_${version}`, version, text, writtenAt })
  }

  readonly client = {
    executeQuery: () => fromValue({ data: this.#read(), stale: false, hasNext: false }),
    query: () => ({ toPromise: async () => (this.reachable ? { data: this.#read() } : {}) }),
    mutation: (_: unknown, { input }: { input: { text: string; idempotencyKey: string } }) => ({
      toPromise: async () => {
        this.written.push(input)
        const problems = this.problem ? [{ code: this.problem, message: '', path: [] }] : []
        if (!this.problem) this.save(input.text)
        return { data: { writeVisitNote: { note: null, problems } } }
      },
    }),
  } as unknown as Client

  #read = () => ({
    node: { __typename: 'Appointment', id: 'appointment_1', notes: [...this.versions] },
  })
}

const user = userEvent.setup()
const words = () => screen.getByLabelText<HTMLTextAreaElement>('Note')
const press = (name: string) => user.click(screen.getByRole('button', { name }))

function open(server: Server, status = 'IN_PROGRESS') {
  const of = { visit: { id: 'appointment_1', status }, role: 'doctor' as const }
  return render(
    <Provider value={server.client}>
      <Notes {...of} />
    </Provider>,
  )
}

beforeAll(async () => {
  await begin()
  await speak('en')
})

beforeEach(() => {
  drafts.drop('appointment_1')
})

afterEach(cleanup)

it('is saved as its doctor wrote it', async () => {
  const server = new Server()
  open(server)
  await user.type(words(), 'Dry cough.')
  expect(screen.getByText(/^Draft/)).toBeDefined()
  await press('Save to the record')

  expect(server.written.map(({ text }) => text)).toEqual(['Dry cough.'])
  expect(drafts.get('appointment_1')).toBeNull()
})

it('a draft outlives the visit and the page that it was written on', async () => {
  const server = new Server()
  const shown = open(server)
  await user.type(words(), 'Dry cough.')
  shown.unmount()
  open(server, 'COMPLETED')

  expect(words().value).toBe('Dry cough.')
  const leaving = new Event('beforeunload', { cancelable: true })
  dispatchEvent(leaving)
  expect(leaving.defaultPrevented).toBe(true) // the browser asks before it is lost
})

it('before the visit it is written, and not saved', async () => {
  open(new Server(), 'CONFIRMED')
  await user.type(words(), 'Asked for by phone.')

  const save = screen.getByRole<HTMLButtonElement>('button', { name: 'Save to the record' })
  expect(save.disabled).toBe(true)
  expect(screen.getByText(/It can be saved when the visit begins/)).toBeDefined()
})

it('what another window has saved meanwhile is not written over unseen', async () => {
  const server = new Server()
  server.save('Cough.')
  const shown = open(server)
  await user.type(words(), ' For a week.')
  server.save('Cough, and fever.')
  await press('Save a new version')
  expect(server.written).toEqual([])
  shown.unmount() // the client of this test tells nobody of what was read
  open(server)

  expect(screen.getByRole('alert').textContent).toContain('saved version 2')
  expect(screen.getByText('Cough, and fever.')).toBeDefined()
  expect(words().value).toBe('Cough. For a week.')
  await press('Make mine the next version')
  await press('Save a new version')
  expect(server.written.map(({ text }) => text)).toEqual(['Cough. For a week.'])
})

it('the same words go under the same key again, other words under another', async () => {
  const server = new Server()
  server.problem = 'TRY_AGAIN'
  open(server)
  await user.type(words(), 'Cough')
  await press('Save to the record')
  await press('Save to the record')
  await user.type(words(), '.')
  await press('Save to the record')

  const [first, second, third] = server.written.map(({ idempotencyKey }) => idempotencyKey)
  expect(second).toBe(first)
  expect(third).not.toBe(first)
})

it.each([
  ['TOO_LATE', /time for writing about this visit is over/],
  ['LIMIT_REACHED', /as many versions as it can/],
])('%s is said, and nothing is lost', async (problem, told) => {
  const server = new Server()
  server.problem = problem
  open(server, 'COMPLETED')
  await user.type(words(), 'Cough.')
  await press('Save to the record')

  expect(screen.getByRole('alert').textContent).toMatch(told)
  expect(words().value).toBe('Cough.')
})

it('a server out of reach is said, and nothing is lost', async () => {
  const server = new Server()
  open(server)
  await user.type(words(), 'Cough.')
  server.reachable = false
  await press('Save to the record')

  expect(screen.getByRole('alert').textContent).toContain('could not reach the server')
  expect(server.written).toEqual([])
  expect(words().value).toBe('Cough.')
})
