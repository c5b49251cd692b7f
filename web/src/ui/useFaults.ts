import { type FormEvent, useState } from 'react'

/** What is wrong with which field, in words; what is wrong with the whole is under "". */
export type Faults = Record<string, string>

/** Of a form whose fields were refused: `form` is for the form, in which they are named. */
export function useFaults() {
  const [faults, setFaults] = useState<Faults>({})

  // As it is typed, not when it is left: the button would move away under the pointer that presses it.
  function onInput({ target }: FormEvent) {
    const { name } = target as HTMLInputElement
    if (name in faults) setFaults(({ [name]: _, ...others }) => others)
  }

  return { faults, setFaults, form: { validationErrors: faults, onInput } }
}
