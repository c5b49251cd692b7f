// Joining, and coming back without a password. Nobody is signed in there.
import { graphql } from '../../gql'

export const RegisterPatient = graphql(`
  mutation RegisterPatient($input: RegisterPatientInput!) {
    registerPatient(input: $input) {
      patient {
        id
      }
      problems {
        code
        message
        path
      }
    }
  }
`)

export const RegisterDoctor = graphql(`
  mutation RegisterDoctor($input: RegisterDoctorInput!) {
    registerDoctor(input: $input) {
      doctor {
        id
      }
      problems {
        code
        message
        path
      }
    }
  }
`)

export const ResendConfirmation = graphql(`
  mutation ResendConfirmation($email: String!) {
    resendConfirmation(input: { email: $email }) {
      problems {
        code
        message
        path
      }
    }
  }
`)

export const ConfirmEmail = graphql(`
  mutation ConfirmEmail($token: String!) {
    confirmEmail(input: { token: $token }) {
      problems {
        code
        message
        path
      }
    }
  }
`)

export const RequestPasswordReset = graphql(`
  mutation RequestPasswordReset($email: String!) {
    requestPasswordReset(input: { email: $email }) {
      problems {
        code
        message
        path
      }
    }
  }
`)

export const ResetPassword = graphql(`
  mutation ResetPassword($input: ResetPasswordInput!) {
    resetPassword(input: $input) {
      problems {
        code
        message
        path
      }
    }
  }
`)
