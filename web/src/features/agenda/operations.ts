// What a doctor's own agenda reads, hears and does.
import { type DocumentType, graphql } from '../../gql'

export const AgendaSlot = graphql(`
  fragment AgendaSlot on Slot {
    id
    startsAt
    endsAt
    status
  }
`)

export const AgendaAppointment = graphql(`
  fragment AgendaAppointment on Appointment {
    id
    version
    status
    startsAt
    endsAt
    respondBy
    reason
    patient {
      id
      name
    }
    slot {
      id
    }
    consultation {
      opensAt
      closesAt
      patientPresent
    }
  }
`)

export const OwnSlots = graphql(`
  query OwnSlots($from: DateTime!, $to: DateTime!) {
    viewer {
      ... on DoctorViewer {
        doctor {
          id
          timeZone
        }
        registration {
          status
        }
        slots(from: $from, to: $to) {
          ...AgendaSlot
        }
      }
    }
  }
`)

/** The latest start first. */
export const OwnAppointments = graphql(`
  query OwnAppointments($after: String) {
    viewer {
      ... on DoctorViewer {
        appointments(first: 100, after: $after) {
          nodes {
            ...AgendaAppointment
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

export const OwnSlotChanges = graphql(`
  subscription OwnSlotChanges($doctorIds: [ID!]!, $after: EventCursor) {
    slotChanges(doctorIds: $doctorIds, after: $after) {
      cursor
      kind
      slot {
        ...AgendaSlot
      }
    }
  }
`)

export const OwnAppointmentChanges = graphql(`
  subscription OwnAppointmentChanges($after: EventCursor) {
    appointmentChanges(after: $after) {
      cursor
      kind
      appointment {
        ...AgendaAppointment
      }
    }
  }
`)

export const PublishSlots = graphql(`
  mutation PublishSlots($input: PublishSlotsInput!) {
    publishSlots(input: $input) {
      slots {
        ...AgendaSlot
      }
      problems {
        code
        path
      }
    }
  }
`)

export const PublishWeeklySlots = graphql(`
  mutation PublishWeeklySlots($input: PublishWeeklySlotsInput!) {
    publishWeeklySlots(input: $input) {
      slots {
        ...AgendaSlot
      }
      problems {
        code
        path
      }
    }
  }
`)

export const UpdateSlot = graphql(`
  mutation UpdateSlot($input: UpdateSlotInput!) {
    updateSlot(input: $input) {
      slot {
        ...AgendaSlot
      }
      problems {
        code
        path
      }
    }
  }
`)

export const WithdrawSlots = graphql(`
  mutation WithdrawSlots($input: WithdrawSlotsInput!) {
    withdrawSlots(input: $input) {
      slots {
        ...AgendaSlot
      }
      problems {
        code
        path
      }
    }
  }
`)

export const MarkNoShow = graphql(`
  mutation MarkNoShow($input: MarkNoShowInput!) {
    markNoShow(input: $input) {
      appointment {
        ...AgendaAppointment
      }
      problems {
        code
        path
        ... on OutsideWindow {
          opensAt
        }
      }
    }
  }
`)

export type OwnSlot = DocumentType<typeof AgendaSlot>
export type OwnAppointment = DocumentType<typeof AgendaAppointment>
