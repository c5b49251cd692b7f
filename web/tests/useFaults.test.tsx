import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { Form } from 'react-aria-components/Form'
import { afterEach, expect, it } from 'vitest'
import { Field } from '../src/ui/Field'
import { useFaults } from '../src/ui/useFaults'

function Refused() {
  const { faults, setFaults, form } = useFaults()
  return (
    <Form {...form}>
      <p>{faults['']}</p>
      <Field name="name" label="Name" />
      <Field name="city" label="City" />
      <button
        type="button"
        onClick={() => setFaults({ name: 'No such name.', city: 'No such city.', '': 'Refused.' })}
      >
        Send
      </button>
    </Form>
  )
}

afterEach(cleanup)

it('what is wrong with a field is gone while it is corrected, and all else stays', async () => {
  render(<Refused />)
  await userEvent.click(screen.getByRole('button'))
  expect(screen.getByText('No such name.')).toBeTruthy()

  await userEvent.type(screen.getByLabelText('Name'), 'A')

  expect(document.activeElement).toBe(screen.getByLabelText('Name'))
  expect(screen.queryByText('No such name.')).toBeNull()
  expect(screen.getByText('No such city.')).toBeTruthy()
  expect(screen.getByText('Refused.')).toBeTruthy()
})
