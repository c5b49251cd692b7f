// What "my appointments" reads, hears and does.
import { type DocumentType, graphql } from '../../gql'

export const AppointmentCard = graphql(`
  fragment AppointmentCard on Appointment {
    id
    version
    status
    startsAt
    endsAt
    respondBy
    reason
    justification
    doctor {
      id
      name
      timeZone
      specialties {
        code
        name
      }
    }
    patient {
      id
      name
    }
    consultation {
      opensAt
      closesAt
    }
    review {
      stars
    }
  }
`)

export const MyAppointments = graphql(`
  query MyAppointments($earlier: Int!) {
    viewer {
      ... on PatientViewer {
        ahead: appointments(status: [REQUESTED, CONFIRMED, IN_PROGRESS], first: 100) {
          nodes {
            ...AppointmentCard
          }
        }
        behind: appointments(
          status: [DECLINED, CANCELLED, EXPIRED, COMPLETED, NO_SHOW]
          first: $earlier
        ) {
          nodes {
            ...AppointmentCard
          }
          pageInfo {
            hasNextPage
          }
        }
      }
      ... on DoctorViewer {
        ahead: appointments(status: [REQUESTED, CONFIRMED, IN_PROGRESS], first: 100) {
          nodes {
            ...AppointmentCard
          }
        }
        behind: appointments(
          status: [DECLINED, CANCELLED, EXPIRED, COMPLETED, NO_SHOW]
          first: $earlier
        ) {
          nodes {
            ...AppointmentCard
          }
          pageInfo {
            hasNextPage
          }
        }
      }
    }
  }
`)

export const AppointmentChanges = graphql(`
  subscription AppointmentChanges($after: EventCursor) {
    appointmentChanges(after: $after) {
      cursor
      kind
      appointment {
        ...AppointmentCard
      }
    }
  }
`)

export const Accept = graphql(`
  mutation Accept($input: AcceptAppointmentInput!) {
    acceptAppointment(input: $input) {
      ...Answered
    }
  }
`)

export const Decline = graphql(`
  mutation Decline($input: DeclineAppointmentInput!) {
    declineAppointment(input: $input) {
      ...Answered
    }
  }
`)

export const Cancel = graphql(`
  mutation Cancel($input: CancelAppointmentInput!) {
    cancelAppointment(input: $input) {
      ...Answered
    }
  }
`)

export const Rate = graphql(`
  mutation Rate($input: ReviewAppointmentInput!) {
    reviewAppointment(input: $input) {
      appointment {
        ...AppointmentCard
      }
      problems {
        code
      }
    }
  }
`)

export const Answered = graphql(`
  fragment Answered on AppointmentPayload {
    appointment {
      ...AppointmentCard
    }
    problems {
      code
      message
      path
      ... on VersionConflict {
        current {
          ...AppointmentCard
        }
      }
    }
  }
`)

export type Card = DocumentType<typeof AppointmentCard>

const AHEAD = new Set(['REQUESTED', 'CONFIRMED', 'IN_PROGRESS'])

/** By how they stand now, whichever list they were read in: the next first, then the latest first. */
export function sorted(cards: readonly Card[]) {
  const each = [...new Map(cards.map(card => [card.id, card])).values()]
  const begins = ({ startsAt }: Card) => Date.parse(startsAt)
  return {
    ahead: each.filter(isAhead).sort((one, other) => begins(one) - begins(other)),
    behind: each.filter(card => !isAhead(card)).sort((one, other) => begins(other) - begins(one)),
  }
}

export const isAhead = ({ status }: Pick<Card, 'status'>) => AHEAD.has(status)
