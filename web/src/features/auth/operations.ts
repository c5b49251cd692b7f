import { type DocumentType, graphql } from '../../gql'

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
      refreshToken
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

/** null: of somebody for whom there are no pages yet. */
export function sessionOf({ accessToken, refreshToken, viewer }: Granted) {
  const tokens = { accessToken, refreshToken }
  if ('patient' in viewer) return { ...tokens, role: 'patient' as const, name: viewer.patient.name }
  if ('doctor' in viewer) return { ...tokens, role: 'doctor' as const, name: viewer.doctor.name }
  return null
}
