// What somebody reads and does on the way to a visit.
import { type DocumentType, graphql } from '../../gql'

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
        code
        ... on SlotTaken {
          alternatives {
            ...FreeTime
          }
        }
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
        code
        ... on SlotTaken {
          alternatives {
            ...FreeTime
          }
        }
      }
    }
  }
`)

export type Obstacle = NonNullable<DocumentType<typeof Hold>['holdSlot']>['problems'][number]

export const VisitToMove = graphql(`
  query VisitToMove($appointmentId: ID!) {
    node(id: $appointmentId) {
      ... on Appointment {
        ...AppointmentCard
        doctor {
          ...DoctorCard
        }
      }
    }
  }
`)

export const MoveVisit = graphql(`
  mutation MoveVisit($input: RescheduleAppointmentInput!) {
    rescheduleAppointment(input: $input) {
      appointment {
        ...AppointmentCard
      }
      problems {
        code
        ... on SlotTaken {
          alternatives {
            ...FreeTime
          }
        }
      }
    }
  }
`)
