// How a call and the server come together: signals go out one by one and come in in order.
import type { Client } from 'urql'
import type { Call } from '../../consultation/call'
import { PeerCall } from '../../consultation/peer'
import { Outbox, Refused, read } from '../../consultation/signals'
import { listen } from '../../graphql/listen'
import type { Party } from '../../session/session'
import { Join, SendSignal, Signals } from './operations'

export interface Joined {
  call: Call
  leave: () => void
}

/** `opensAt`: of a room that is not open now. */
export interface Refusal {
  why: 'OUTSIDE_WINDOW' | 'OVER' | 'FAILED'
  opensAt?: string
}

const FOR_EVER = ['OUTSIDE_WINDOW', 'WRONG_STATUS', 'NOT_FOUND', 'TOO_LARGE', 'INVALID']

export async function join(
  client: Client,
  appointmentId: string,
  role: Party,
  local: MediaStream,
): Promise<Joined | Refusal> {
  const { data } = await client.mutation(Join, { input: { appointmentId } }).toPromise()
  const answer = data?.joinConsultation
  if (!answer) return { why: 'FAILED' }
  if (!answer.grant) return refusalOf(answer.problems[0])
  const { provider, credentials } = answer.grant
  return provider === 'CHIME'
    ? await byChime(credentials, local)
    : betweenPeers(client, appointmentId, role, local, credentials)
}

async function byChime(credentials: string, local: MediaStream): Promise<Joined | Refusal> {
  try {
    const { ChimeCall, openSession } = await import('../../consultation/chime')
    const call = new ChimeCall(openSession(credentials), local)
    call.join()
    return { call, leave: () => call.leave() }
  } catch {
    return { why: 'FAILED' } // the library could not be loaded, or does not get on with this browser
  }
}

function betweenPeers(
  client: Client,
  appointmentId: string,
  role: Party,
  local: MediaStream,
  credentials: string,
): Joined {
  const { iceServers = [] } = JSON.parse(credentials)
  const outbox = new Outbox(async payload => {
    const sent = await client
      .mutation(SendSignal, { input: { appointmentId, payload } })
      .toPromise()
    const said = sent.data?.sendConsultationSignal
    if (!said) throw sent.error ?? new Error('no answer')
    if (said.problems.some(({ code }) => FOR_EVER.includes(code))) throw new Refused()
    if (said.problems.length > 0) throw new Error(said.problems[0]?.code)
  })
  const call = new PeerCall(local, { polite: role === 'patient', iceServers, say: outbox.say })
  call.join()
  const stop = listen(client, Signals, { appointmentId, after: null }, heard => {
    const signal = read(heard.consultationSignals.payload)
    if (signal) void call.hear(signal).catch(() => undefined) // the next one may mend it
  })
  return {
    call,
    leave: () => {
      stop()
      call.leave()
    },
  }
}

function refusalOf(problem: { code: string; opensAt?: string } | undefined): Refusal {
  if (problem?.code !== 'OUTSIDE_WINDOW') return { why: 'OVER' }
  return { why: 'OUTSIDE_WINDOW', ...(problem.opensAt && { opensAt: problem.opensAt }) }
}
