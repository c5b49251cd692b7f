// Who has done what with a record, as its patient reads and hears it.
import { type DocumentType, graphql } from '../../gql'

export const AccessLine = graphql(`
  fragment AccessLine on RecordAccess {
    cursor
    at
    action
    actorName
    actorCrm
    actorUf
    purpose
    document {
      id
      name
    }
    note {
      id
    }
    share {
      id
      doctor {
        id
        name
      }
    }
  }
`)

export const MyAccesses = graphql(`
  query MyAccesses($first: Int!, $after: String) {
    viewer {
      ... on PatientViewer {
        recordAccesses(first: $first, after: $after) {
          nodes {
            ...AccessLine
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

export const RecordAccessed = graphql(`
  subscription RecordAccessed($after: EventCursor) {
    recordAccessed(after: $after) {
      ...AccessLine
    }
  }
`)

export type Access = DocumentType<typeof AccessLine>
