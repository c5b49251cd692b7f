// What a doctor writes of a visit, as its two sides read it.
import { type DocumentType, graphql } from '../../gql'

export const NoteVersion = graphql(`
  fragment NoteVersion on VisitNote {
    id
    version
    text
    writtenAt
  }
`)

export const VisitNotes = graphql(`
  query VisitNotes($appointmentId: ID!) {
    node(id: $appointmentId) {
      id
      ... on Appointment {
        notes {
          ...NoteVersion
        }
      }
    }
  }
`)

export const WriteNote = graphql(`
  mutation WriteNote($input: WriteVisitNoteInput!) {
    writeVisitNote(input: $input) {
      note {
        ...NoteVersion
      }
      problems {
        code
        message
        path
      }
    }
  }
`)

export type Note = DocumentType<typeof NoteVersion>
