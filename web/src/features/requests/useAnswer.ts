import { useCallback, useEffect, useRef, useState } from 'react'
import { useMutation } from 'urql'
import { type FragmentType, unmask } from '../../gql'
import { AgendaAppointment, type OwnAppointment } from '../agenda/operations'
import { AcceptRequest, DeclineRequest, RequestAnswered } from './operations'

export const UNDO_WITHIN = 5_000 // milliseconds

/** What came of an answer: how the appointment stands now, by this answer or by something else. */
export interface Outcome {
  appointment: OwnAppointment | null
  by: 'us' | 'others' | 'failed' | 'justification'
}

/** Accepts only after a while in which it can be undone, unless `atOnce`. */
export function useAnswer(request: OwnAppointment, onOutcome: (outcome: Outcome) => void) {
  const [, accept] = useMutation(AcceptRequest)
  const [, decline] = useMutation(DeclineRequest)
  const [pending, setPending] = useState(false)
  const latest = useRef({ request, onOutcome })
  useEffect(() => {
    latest.current = { request, onOutcome }
  })
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  const send = useCallback(async () => {
    const { id, version } = latest.current.request
    const { data, error } = await accept({ input: { appointmentId: id, expectedVersion: version } })
    setPending(false)
    latest.current.onOutcome(outcome(data?.acceptAppointment, Boolean(error)))
  }, [accept])

  // Whoever leaves the page has not undone it.
  useEffect(
    () => () => {
      if (timer.current === undefined) return
      clearTimeout(timer.current)
      timer.current = undefined
      void send()
    },
    [send],
  )

  return {
    pending,
    accept(atOnce: boolean) {
      setPending(true)
      if (atOnce) return void send()
      timer.current = setTimeout(() => {
        timer.current = undefined
        void send()
      }, UNDO_WITHIN)
    },
    undo() {
      clearTimeout(timer.current)
      timer.current = undefined
      setPending(false)
    },
    async decline(justification: string): Promise<Outcome> {
      const { id: appointmentId, version: expectedVersion } = request
      const input = { appointmentId, expectedVersion, justification }
      const { data, error } = await decline({ input })
      return outcome(data?.declineAppointment, Boolean(error))
    },
  }
}

function outcome(
  payload: FragmentType<typeof RequestAnswered> | null | undefined,
  broken: boolean,
): Outcome {
  const answered = unmask(RequestAnswered, payload)
  if (broken || !answered) return { appointment: null, by: 'failed' }
  const done = unmask(AgendaAppointment, answered.appointment)
  if (done) return { appointment: done, by: 'us' }
  if (answered.problems.some(({ path }) => path[0] === 'justification')) {
    return { appointment: null, by: 'justification' }
  }
  const conflict = answered.problems.find(problem => 'current' in problem)
  const current = conflict && 'current' in conflict ? conflict.current : null
  return { appointment: unmask(AgendaAppointment, current) ?? null, by: 'others' }
}
