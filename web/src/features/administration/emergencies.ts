// Doctors who broke the glass, and what administrators find of it.
import { type DocumentType, graphql } from '../../gql'

export const EmergencyRow = graphql(`
  fragment EmergencyRow on EmergencyAccess {
    id
    patientId
    reason
    openedAt
    endsAt
    reviewedAt
    reviewedBy
    note
    doctor {
      id
      name
      crm
      uf
    }
  }
`)

export const Emergencies = graphql(`
  query Emergencies($reviewed: Boolean, $first: Int!, $after: String) {
    viewer {
      ... on AdministratorViewer {
        emergencyAccesses(reviewed: $reviewed, first: $first, after: $after) {
          nodes {
            ...EmergencyRow
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

export const ReviewEmergency = graphql(`
  mutation ReviewEmergency($emergencyId: ID!, $note: String!) {
    reviewEmergencyAccess(input: { emergencyId: $emergencyId, note: $note }) {
      access {
        ...EmergencyRow
      }
      problems {
        code
        path
      }
    }
  }
`)

export type Emergency = DocumentType<typeof EmergencyRow>

/** What this doctor did with this record in that hour. */
export const during = ({ doctor, patientId, openedAt, endsAt }: Emergency) => ({
  actorId: doctor.id,
  subjectId: patientId,
  from: openedAt,
  to: endsAt,
})
