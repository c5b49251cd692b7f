// Doctors' registrations, and what administrators decide of them.
import { type DocumentType, graphql } from '../../gql'
import type { DoctorStatus } from '../../gql/graphql'

export const RegistrationRow = graphql(`
  fragment RegistrationRow on DoctorRegistration {
    status
    registeredAt
    decisions {
      status
      reason
      at
    }
    doctor {
      id
      name
      crm
      uf
      city
      specialties {
        code
        name
      }
      specialistIn {
        rqe
        specialty {
          code
        }
      }
    }
  }
`)

export const Registrations = graphql(`
  query Registrations($status: [DoctorStatus!], $search: String, $first: Int!, $after: String) {
    viewer {
      ... on AdministratorViewer {
        registrations(status: $status, search: $search, first: $first, after: $after) {
          nodes {
            ...RegistrationRow
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

export const Decided = graphql(`
  fragment Decided on DoctorRegistrationPayload {
    registration {
      ...RegistrationRow
    }
    problems {
      code
      path
    }
  }
`)

export const VerifyDoctor = graphql(`
  mutation VerifyDoctor($doctorId: ID!, $reason: String!) {
    verifyDoctor(input: { doctorId: $doctorId, reason: $reason }) {
      ...Decided
    }
  }
`)

export const SuspendDoctor = graphql(`
  mutation SuspendDoctor($doctorId: ID!, $reason: String!) {
    suspendDoctor(input: { doctorId: $doctorId, reason: $reason }) {
      ...Decided
    }
  }
`)

export const ReinstateDoctor = graphql(`
  mutation ReinstateDoctor($doctorId: ID!, $reason: String!) {
    reinstateDoctor(input: { doctorId: $doctorId, reason: $reason }) {
      ...Decided
    }
  }
`)

export type Row = DocumentType<typeof RegistrationRow>

export const STANDINGS = ['PENDING', 'VERIFIED', 'SUSPENDED'] as const

/** What can be decided now. To reject is to suspend whoever was never verified. */
export const POSSIBLE = {
  PENDING: ['verify', 'reject'],
  VERIFIED: ['suspend'],
  SUSPENDED: ['reinstate'],
} as const satisfies Record<DoctorStatus, readonly string[]>

export type Act = (typeof POSSIBLE)[DoctorStatus][number]

/** `123456-SP`: as it stands in the address of a page. */
export const registrationOf = ({ crm, uf }: Row['doctor']) => `${crm}-${uf}`
