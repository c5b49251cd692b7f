// What somebody reads and does on the way to a visit.
import { graphql } from '../../gql'

export const ChosenTime = graphql(`
  query ChosenTime($slotId: ID!, $language: String!) {
    node(id: $slotId) {
      ... on Slot {
        ...FreeTime
        doctor {
          ...DoctorCard
        }
      }
    }
    consentText(language: $language) {
      version
      language
      text
    }
  }
`)

export const Hold = graphql(`
  mutation Hold($slotId: ID!) {
    holdSlot(input: { slotId: $slotId }) {
      slot {
        ...FreeTime
      }
      expiresAt
      problems {
        ...InTheWay
      }
    }
  }
`)

export const Release = graphql(`
  mutation Release($slotId: ID!) {
    releaseSlot(input: { slotId: $slotId }) {
      slot {
        ...FreeTime
      }
      problems {
        code
      }
    }
  }
`)

export const RequestVisit = graphql(`
  mutation RequestVisit($input: RequestAppointmentInput!) {
    requestAppointment(input: $input) {
      appointment {
        ...AppointmentCard
      }
      problems {
        ...InTheWay
      }
    }
  }
`)

export const InTheWay = graphql(`
  fragment InTheWay on Problem {
    code
    message
    path
    ... on SlotTaken {
      alternatives {
        ...FreeTime
      }
    }
  }
`)
