// What the room reads, hears and does.
import { type DocumentType, graphql } from '../../gql'

export const RoomAppointment = graphql(`
  fragment RoomAppointment on Appointment {
    id
    version
    status
    startsAt
    endsAt
    doctor {
      id
      name
    }
    patient {
      id
      name
    }
    consultation {
      opensAt
      closesAt
      doctorPresent
      patientPresent
    }
    deviceChecks {
      party
      camera
      microphone
      speaker
      network
    }
  }
`)

export const Room = graphql(`
  query Room($appointmentId: ID!) {
    node(id: $appointmentId) {
      id
      ...RoomAppointment
    }
  }
`)

export const RoomChanges = graphql(`
  subscription RoomChanges($after: EventCursor) {
    appointmentChanges(after: $after) {
      cursor
      kind
      appointment {
        ...RoomAppointment
      }
    }
  }
`)

export const Presence = graphql(`
  subscription Presence($appointmentId: ID!, $after: EventCursor) {
    consultationPresence(appointmentId: $appointmentId, after: $after) {
      cursor
      doctorPresent
      patientPresent
    }
  }
`)

export const Join = graphql(`
  mutation Join($input: JoinConsultationInput!) {
    joinConsultation(input: $input) {
      grant {
        provider
        credentials
      }
      problems {
        code
        ... on OutsideWindow {
          opensAt
        }
      }
    }
  }
`)

export const SendSignal = graphql(`
  mutation SendSignal($input: SendConsultationSignalInput!) {
    sendConsultationSignal(input: $input) {
      problems {
        code
      }
    }
  }
`)

export const Signals = graphql(`
  subscription Signals($appointmentId: ID!, $after: EventCursor) {
    consultationSignals(appointmentId: $appointmentId, after: $after) {
      cursor
      payload
    }
  }
`)

export const End = graphql(`
  mutation End($input: EndConsultationInput!) {
    endConsultation(input: $input) {
      appointment {
        ...RoomAppointment
      }
      problems {
        code
        message
      }
    }
  }
`)

export const RecordCheck = graphql(`
  mutation RecordCheck($input: RecordDeviceCheckInput!) {
    recordDeviceCheck(input: $input) {
      appointment {
        ...RoomAppointment
      }
      problems {
        code
      }
    }
  }
`)

export type RoomCard = DocumentType<typeof RoomAppointment>
