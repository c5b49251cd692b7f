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

export const OwnPasskey = graphql(`
  fragment OwnPasskey on Passkey {
    id
    name
    createdAt
    usedAt
    backedUp
  }
`)

export const Account = graphql(`
  query Account {
    viewer {
      ... on PatientViewer {
        secondFactor {
          enabledAt
          recoveryCodesLeft
        }
        passkeys {
          ...OwnPasskey
        }
        sessions {
          ...AccountSession
        }
      }
      ... on DoctorViewer {
        secondFactor {
          enabledAt
          recoveryCodesLeft
        }
        passkeys {
          ...OwnPasskey
        }
        sessions {
          ...AccountSession
        }
      }
      ... on AdministratorViewer {
        secondFactor {
          enabledAt
          recoveryCodesLeft
        }
        passkeys {
          ...OwnPasskey
        }
        sessions {
          ...AccountSession
        }
      }
    }
  }
`)

export const ChangePassword = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      problems {
        code
        path
      }
    }
  }
`)

export const BeginPasskey = graphql(`
  mutation BeginPasskey($input: BeginPasskeyInput!) {
    beginPasskey(input: $input) {
      options
      problems {
        code
        path
      }
    }
  }
`)

export const ConfirmPasskey = graphql(`
  mutation ConfirmPasskey($input: ConfirmPasskeyInput!) {
    confirmPasskey(input: $input) {
      passkey {
        ...OwnPasskey
      }
      problems {
        code
        path
      }
    }
  }
`)

export const RemovePasskey = graphql(`
  mutation RemovePasskey($input: RemovePasskeyInput!) {
    removePasskey(input: $input) {
      problems {
        code
      }
    }
  }
`)

export const EndOtherSessions = graphql(`
  mutation EndOtherSessions {
    endOtherSessions {
      problems {
        code
      }
    }
  }
`)

export const ReplaceRecoveryCodes = graphql(`
  mutation ReplaceRecoveryCodes($input: ReplaceRecoveryCodesInput!) {
    replaceRecoveryCodes(input: $input) {
      recoveryCodes
      problems {
        code
        path
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
export type Passkey = DocumentType<typeof OwnPasskey>
