// Visits in person: the patient asks, the doctor answers, and the two agree by their words.
import { type DocumentType, graphql } from '../../gql'

export const InPersonCard = graphql(`
  fragment InPersonCard on InPersonRequest {
    id
    status
    message
    askedAt
    answeredAt
    accepted
    answer
    withdrawnAt
    doctor {
      id
      name
    }
    patient {
      id
      name
    }
  }
`)

export const InPersonRequests = graphql(`
  query InPersonRequests($first: Int!) {
    viewer {
      ... on PatientViewer {
        inPersonRequests(first: $first) {
          nodes {
            ...InPersonCard
          }
          pageInfo {
            hasNextPage
          }
        }
      }
      ... on DoctorViewer {
        inPersonRequests(first: $first) {
          nodes {
            ...InPersonCard
          }
          pageInfo {
            hasNextPage
          }
        }
      }
    }
  }
`)

export const AskInPerson = graphql(`
  mutation AskInPerson($input: RequestInPersonVisitInput!) {
    requestInPersonVisit(input: $input) {
      request {
        ...InPersonCard
      }
      problems {
        code
        path
      }
    }
  }
`)

export const AnswerInPerson = graphql(`
  mutation AnswerInPerson($input: AnswerInPersonRequestInput!) {
    answerInPersonRequest(input: $input) {
      request {
        ...InPersonCard
      }
      problems {
        code
        path
      }
    }
  }
`)

export const WithdrawInPerson = graphql(`
  mutation WithdrawInPerson($input: WithdrawInPersonRequestInput!) {
    withdrawInPersonRequest(input: $input) {
      request {
        ...InPersonCard
      }
      problems {
        code
        path
      }
    }
  }
`)

export type InPersonRequest = DocumentType<typeof InPersonCard>
