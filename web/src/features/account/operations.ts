// One's own account: how one signs in, and where one has.
import { type DocumentType, graphql } from '../../gql'

export const AccountSession = graphql(`
  fragment AccountSession on OpenSession {
    id
    device
    address
    startedAt
    seenAt
    current
  }
`)

export const Account = graphql(`
  query Account {
    viewer {
      ... on PatientViewer {
        email
        secondFactor {
          enabledAt
          recoveryCodesLeft
        }
        sessions {
          ...AccountSession
        }
      }
      ... on DoctorViewer {
        email
        secondFactor {
          enabledAt
          recoveryCodesLeft
        }
        sessions {
          ...AccountSession
        }
      }
    }
  }
`)

export const EndSession = graphql(`
  mutation EndSession($input: EndSessionInput!) {
    endSession(input: $input) {
      problems {
        code
      }
    }
  }
`)

export const BeginSecondFactor = graphql(`
  mutation BeginSecondFactor($input: BeginSecondFactorInput!) {
    beginSecondFactor(input: $input) {
      secret
      uri
      qrCode
      problems {
        code
        path
      }
    }
  }
`)

export const ConfirmSecondFactor = graphql(`
  mutation ConfirmSecondFactor($input: ConfirmSecondFactorInput!) {
    confirmSecondFactor(input: $input) {
      recoveryCodes
      problems {
        code
        path
      }
    }
  }
`)

export const RemoveSecondFactor = graphql(`
  mutation RemoveSecondFactor($input: RemoveSecondFactorInput!) {
    removeSecondFactor(input: $input) {
      problems {
        code
        path
      }
    }
  }
`)

export type OpenSession = DocumentType<typeof AccountSession>
