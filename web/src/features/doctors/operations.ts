// What the search and a doctor's page read and hear.
import { type DocumentType, graphql } from '../../gql'

export const FreeTime = graphql(`
  fragment FreeTime on Slot {
    id
    startsAt
    endsAt
    status
  }
`)

export const DoctorCard = graphql(`
  fragment DoctorCard on Doctor {
    id
    name
    crm
    uf
    city
    timeZone
    rating {
      average
      count
    }
    specialties {
      code
      name
    }
    specialistIn {
      rqe
      specialty {
        code
        name
      }
    }
    nextSlots(first: 3) {
      ...FreeTime
    }
  }
`)

export const Specialties = graphql(`
  query Specialties {
    specialties {
      code
      name
    }
  }
`)

export const FindDoctors = graphql(`
  query FindDoctors($filter: DoctorFilter!, $orderBy: DoctorOrder, $after: String) {
    doctors(filter: $filter, orderBy: $orderBy, first: 20, after: $after) {
      edges {
        distanceKm
        node {
          ...DoctorCard
          ...OnMap
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export const DoctorByRegistration = graphql(`
  query DoctorByRegistration($crm: String!, $uf: UF!) {
    doctor(crm: $crm, uf: $uf) {
      ...DoctorCard
    }
  }
`)

export const Reviews = graphql(`
  query Reviews($doctorId: ID!, $after: String) {
    node(id: $doctorId) {
      ... on Doctor {
        id
        reviews(first: 10, after: $after) {
          nodes {
            stars
            comment
            at
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

export const FreeTimes = graphql(`
  query FreeTimes($doctorId: ID!, $from: DateTime!, $to: DateTime!) {
    node(id: $doctorId) {
      ... on Doctor {
        id
        slots(from: $from, to: $to) {
          ...FreeTime
        }
      }
    }
  }
`)

export const SlotChanges = graphql(`
  subscription SlotChanges($doctorId: ID!, $after: EventCursor) {
    slotChanges(doctorIds: [$doctorId], after: $after) {
      cursor
      kind
      slot {
        ...FreeTime
      }
    }
  }
`)

export type Card = DocumentType<typeof DoctorCard>
export type Time = DocumentType<typeof FreeTime>

/** A doctor's page: /doctors/123456-SP. */
export const pageOf = ({ crm, uf }: { crm: string; uf: string }) => `/doctors/${crm}-${uf}`
