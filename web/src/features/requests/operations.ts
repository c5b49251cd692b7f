import { graphql } from '../../gql'

/** Those that wait for an answer. */
export const Requests = graphql(`
  query Requests {
    viewer {
      ... on DoctorViewer {
        doctor {
          id
          timeZone
        }
        appointments(status: [REQUESTED], first: 100) {
          nodes {
            ...AgendaAppointment
          }
        }
      }
    }
  }
`)

export const AcceptRequest = graphql(`
  mutation AcceptRequest($input: AcceptAppointmentInput!) {
    acceptAppointment(input: $input) {
      ...RequestAnswered
    }
  }
`)

export const DeclineRequest = graphql(`
  mutation DeclineRequest($input: DeclineAppointmentInput!) {
    declineAppointment(input: $input) {
      ...RequestAnswered
    }
  }
`)

export const RequestAnswered = graphql(`
  fragment RequestAnswered on AppointmentPayload {
    appointment {
      ...AgendaAppointment
    }
    problems {
      code
      path
      ... on VersionConflict {
        current {
          ...AgendaAppointment
        }
      }
    }
  }
`)
