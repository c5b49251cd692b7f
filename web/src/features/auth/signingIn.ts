// From what somebody knows, or holds, to a session of his.
import { unmask } from '../../gql'
import type { Uf } from '../../gql/graphql'
import { ask } from '../../graphql/trusted'
import type { Party } from '../../session/session'
import type { Given } from '../../ui/SentForm'
import {
  type Answer,
  BeginPasskeySignIn,
  SignedIn,
  SignInDoctor,
  SignInPatient,
  SignInWithPasskey,
} from './operations'
import { found } from './webauthn'

const cookie = true // what renews the session is out of every script's reach

/** By e-mail and CPF, or by CRM and state; with the password. Throws when there is no answer. */
export async function signIn(role: Party, given: Given): Promise<Answer> {
  const { email = '', cpf = '', crm = '', uf, password = '' } = given
  const otp = given.otp?.trim() || null
  const answer =
    role === 'patient'
      ? (await ask(SignInPatient, { input: { email, cpf, password, otp, cookie } })).signInPatient
      : (await ask(SignInDoctor, { input: { crm, uf: uf as Uf, password, otp, cookie } }))
          .signInDoctor
  return answered(unmask(SignedIn, answer))
}

/** By a passkey, which says by itself whose it is. Throws what `whyNot` reads, too. */
export async function signInWithPasskey(): Promise<Answer> {
  const options = (await ask(BeginPasskeySignIn, {})).beginPasskeySignIn?.options
  if (!options) throw new Error('no answer')
  const credential = await found(options)
  const { signInWithPasskey: answer } = await ask(SignInWithPasskey, {
    input: { credential, cookie },
  })
  return answered(unmask(SignedIn, answer))
}

function answered(answer: Answer | null | undefined): Answer {
  if (!answer) throw new Error('no answer')
  return answer
}
