// What of a record is shared with whom, and who asks for it.
import { type DocumentType, graphql } from '../../gql'

export const ShareCard = graphql(`
  fragment ShareCard on RecordShare {
    id
    includesFuture
    validFrom
    validUntil
    status
    doctor {
      id
      name
      crm
      uf
    }
    appointment {
      id
      startsAt
    }
    receipt {
      documentCount
      documentNames
      noteCount
    }
  }
`)

export const AskedFor = graphql(`
  fragment AskedFor on AccessRequest {
    id
    message
    status
    requestedAt
    expiresAt
    doctor {
      id
      name
      crm
      uf
    }
  }
`)

export const MyShares = graphql(`
  query MyShares {
    viewer {
      ... on PatientViewer {
        shares(first: 50) {
          nodes {
            ...ShareCard
          }
        }
        accessRequests(first: 20) {
          nodes {
            ...AskedFor
          }
        }
      }
    }
  }
`)

/** Of what a share is made: documents, and the doctors of one's own appointments. */
export const ToShare = graphql(`
  query ToShare {
    viewer {
      ... on PatientViewer {
        documents(status: [AVAILABLE], first: 100) {
          nodes {
            ...DocumentRow
          }
        }
        appointments(first: 100) {
          nodes {
            id
            startsAt
            status
            doctor {
              id
              name
              crm
              uf
            }
          }
        }
      }
    }
  }
`)

export const DoctorByCrm = graphql(`
  query DoctorByCrm($crm: String!, $uf: UF!) {
    doctor(crm: $crm, uf: $uf) {
      id
      name
      crm
      uf
    }
  }
`)

/** All of it for people to read, in their language. */
export const Receipt = graphql(`
  query Receipt($id: ID!, $language: ReceiptLanguage!) {
    node(id: $id) {
      ... on RecordShare {
        id
        receipt {
          text(language: $language)
        }
      }
    }
  }
`)

export const ShareRecord = graphql(`
  mutation ShareRecord($input: ShareRecordInput!) {
    shareRecord(input: $input) {
      share {
        ...ShareCard
      }
      problems {
        code
        path
      }
    }
  }
`)

export const RevokeShare = graphql(`
  mutation RevokeShare($input: RevokeShareInput!) {
    revokeShare(input: $input) {
      share {
        ...ShareCard
      }
      problems {
        code
      }
    }
  }
`)

export const AnswerRequest = graphql(`
  mutation AnswerRequest($input: AnswerAccessRequestInput!) {
    answerAccessRequest(input: $input) {
      request {
        ...AskedFor
      }
      problems {
        code
        path
      }
    }
  }
`)

export type Share = DocumentType<typeof ShareCard>
export type Request = DocumentType<typeof AskedFor>
export type Doctor = Share['doctor']
