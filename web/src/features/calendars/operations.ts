// One's visits in one's own calendar: a file of one, and a feed of all.
import { graphql } from '../../gql'

export const CalendarFile = graphql(`
  query CalendarFile($appointmentId: ID!, $language: Language!) {
    node(id: $appointmentId) {
      id
      ... on Appointment {
        calendarFile(language: $language)
      }
    }
  }
`)

export const CalendarFeed = graphql(`
  query CalendarFeed {
    viewer {
      ... on PatientViewer {
        calendarFeedSince
      }
      ... on DoctorViewer {
        calendarFeedSince
      }
    }
  }
`)

export const CreateFeed = graphql(`
  mutation CreateFeed {
    createCalendarFeed {
      url
      problems {
        code
      }
    }
  }
`)

export const RevokeFeed = graphql(`
  mutation RevokeFeed {
    revokeCalendarFeed {
      problems {
        code
      }
    }
  }
`)
