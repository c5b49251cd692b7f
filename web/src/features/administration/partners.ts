// Partners' programs, and what administrators do with them.
import { type DocumentType, graphql } from '../../gql'

export const PartnerRow = graphql(`
  fragment PartnerRow on Partner {
    id
    clientId
    name
    scopes
    createdAt
    previousSecretUntil
    suspendedAt
    usage(days: 30) {
      day
      operations
      points
      errors
    }
  }
`)

export const Partners = graphql(`
  query Partners($first: Int!, $after: String) {
    viewer {
      ... on AdministratorViewer {
        partners(first: $first, after: $after) {
          nodes {
            ...PartnerRow
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  }
`)

export const RegisterPartner = graphql(`
  mutation RegisterPartner($input: RegisterPartnerInput!) {
    registerPartner(input: $input) {
      partner {
        ...PartnerRow
      }
      clientSecret
      problems {
        code
        path
      }
    }
  }
`)

export const UpdatePartner = graphql(`
  mutation UpdatePartner($input: UpdatePartnerInput!) {
    updatePartner(input: $input) {
      partner {
        ...PartnerRow
      }
      problems {
        code
        path
      }
    }
  }
`)

export const RotatePartnerSecret = graphql(`
  mutation RotatePartnerSecret($partnerId: ID!) {
    rotatePartnerSecret(input: { partnerId: $partnerId }) {
      partner {
        ...PartnerRow
      }
      clientSecret
      problems {
        code
        path
      }
    }
  }
`)

export const SuspendPartner = graphql(`
  mutation SuspendPartner($partnerId: ID!) {
    suspendPartner(input: { partnerId: $partnerId }) {
      partner {
        ...PartnerRow
      }
      problems {
        code
        path
      }
    }
  }
`)

export const ReinstatePartner = graphql(`
  mutation ReinstatePartner($partnerId: ID!) {
    reinstatePartner(input: { partnerId: $partnerId }) {
      partner {
        ...PartnerRow
      }
      problems {
        code
        path
      }
    }
  }
`)

export type Partner = DocumentType<typeof PartnerRow>

export const SCOPES = ['doctors:read', 'slots:read', 'documents:any'] as const

/** Under which its words are: a colon would be i18next's. */
export const wordOf = (scope: (typeof SCOPES)[number]) =>
  scope.slice(0, scope.indexOf(':')) as 'doctors' | 'slots' | 'documents'

/** Of all days that are told of. */
export function used({ usage }: Pick<Partner, 'usage'>) {
  const sum = (of: 'operations' | 'points' | 'errors') =>
    usage.reduce((before, day) => before + day[of], 0)
  return { operations: sum('operations'), points: sum('points'), errors: sum('errors') }
}
