import { type DocumentType, graphql } from '../../gql'
import type { Session } from '../../session/session'

export const SignInPatient = graphql(`
  mutation SignInPatient($input: SignInPatientInput!) {
    signInPatient(input: $input) {
      ...SignedIn
    }
  }
`)

export const SignInDoctor = graphql(`
  mutation SignInDoctor($input: SignInDoctorInput!) {
    signInDoctor(input: $input) {
      ...SignedIn
    }
  }
`)

export const BeginPasskeySignIn = graphql(`
  mutation BeginPasskeySignIn {
    beginPasskeySignIn {
      options
      problems {
        code
      }
    }
  }
`)

export const SignInWithPasskey = graphql(`
  mutation SignInWithPasskey($input: SignInWithPasskeyInput!) {
    signInWithPasskey(input: $input) {
      ...SignedIn
    }
  }
`)

/** By the cookie. */
export const Renew = graphql(`
  mutation Renew {
    renewSession {
      ...SignedIn
    }
  }
`)

export const SignOut = graphql(`
  mutation SignOut {
    signOut {
      problems {
        code
      }
    }
  }
`)

export const SignedIn = graphql(`
  fragment SignedIn on SignInPayload {
    session {
      accessToken
      viewer {
        ... on PatientViewer {
          patient {
            id
            name
          }
        }
        ... on DoctorViewer {
          doctor {
            id
            name
          }
        }
        ... on AdministratorViewer {
          email
        }
      }
    }
    problems {
      code
      message
      path
    }
  }
`)

export type Answer = DocumentType<typeof SignedIn>
export type Problem = Answer['problems'][number]
type Granted = NonNullable<Answer['session']>

/** null: of a partner's program, for which there are no pages. */
export function sessionOf({ accessToken, viewer }: Granted): Session | null {
  if ('patient' in viewer) return { accessToken, role: 'patient', ...named(viewer.patient) }
  if ('doctor' in viewer) return { accessToken, role: 'doctor', ...named(viewer.doctor) }
  if ('email' in viewer) {
    const { email } = viewer
    return { accessToken, role: 'administrator', id: email, name: email }
  }
  return null
}

const named = ({ id, name }: { id: string; name: string }) => ({ id, name })
