// What patients let a doctor see, and how he asks for more.
import { type DocumentType, graphql } from '../../gql'

export const SharedDocument = graphql(`
  fragment SharedDocument on Document {
    id
    name
    contentType
    size
    uploadedAt
    patient {
      id
      name
    }
  }
`)

/** Each patient in it is told that his documents were listed: it is read when it is looked at. */
export const SharedDocuments = graphql(`
  query SharedDocuments($after: String) {
    viewer {
      ... on DoctorViewer {
        sharedDocuments(first: 100, after: $after) {
          nodes {
            ...SharedDocument
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

export const MyPatients = graphql(`
  query MyPatients {
    viewer {
      ... on DoctorViewer {
        doctor {
          id
          timeZone
        }
        appointments(first: 100) {
          nodes {
            id
            status
            startsAt
            endsAt
            patient {
              id
              name
            }
          }
        }
        accessRequests(first: 50) {
          nodes {
            id
            status
            requestedAt
            patient {
              id
            }
          }
        }
      }
    }
  }
`)

export const RequestAccess = graphql(`
  mutation RequestAccess($input: RequestAccessInput!) {
    requestAccess(input: $input) {
      request {
        id
      }
      problems {
        code
        path
      }
    }
  }
`)

export const BreakGlass = graphql(`
  mutation BreakGlass($input: BreakGlassInput!) {
    breakGlass(input: $input) {
      access {
        id
        endsAt
      }
      problems {
        code
        path
      }
    }
  }
`)

export type Shared = DocumentType<typeof SharedDocument>
type Seen = NonNullable<NonNullable<DocumentType<typeof MyPatients>['viewer']>>
type Mine = Extract<Seen, { appointments: unknown }>

export interface Known {
  id: string
  name: string
  documents: readonly Shared[]
  /** There is a visit today that may take place: in an emergency the record can be opened. */
  today: boolean
  asked: boolean
}

const EXPECTED = new Set(['CONFIRMED', 'IN_PROGRESS'])

/** Whoever is seen today first, then who shares something, then by name. */
export function known(mine: Mine, shared: readonly Shared[], now: Date): Known[] {
  const zone = mine.doctor.timeZone
  const dayOf = (at: Date | string) =>
    new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date(at))
  const today = dayOf(now)
  const visits = mine.appointments.nodes
  const people = new Map(
    [...shared, ...visits].map(({ patient }) => [patient.id, patient.name] as const),
  )
  const each = [...people].map(([id, name]) => ({
    id,
    name,
    documents: shared.filter(({ patient }) => patient.id === id),
    today: visits.some(
      ({ patient, status, startsAt, endsAt }) =>
        patient.id === id &&
        EXPECTED.has(status) &&
        dayOf(startsAt) <= today &&
        today <= dayOf(endsAt),
    ),
    asked: mine.accessRequests.nodes.some(
      ({ patient, status }) => patient.id === id && status === 'PENDING',
    ),
  }))
  const rank = ({ today, documents }: Known) => (today ? 0 : documents.length > 0 ? 1 : 2)
  return each.sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name))
}
