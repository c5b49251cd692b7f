import { type DocumentType, graphql } from '../../gql'

/** By whose calendar the days are. */
export const OwnCalendar = graphql(`
  query OwnCalendar {
    viewer {
      ... on DoctorViewer {
        doctor {
          id
          timeZone
        }
      }
    }
  }
`)

export const OwnStatistics = graphql(`
  query OwnStatistics($from: DateTime!, $to: DateTime!) {
    viewer {
      ... on DoctorViewer {
        statistics(from: $from, to: $to) {
          requests
          accepted
          declined
          expired
          withdrawn
          waiting
          answerSecondsMedian
          answerSecondsP90
          completed
          noShows
          cancelledByPatient
          cancelledByDoctor
          cancelledBySystem
          occupiedShare
          reviews
          averageStars
          stars
          step
          series {
            startsOn
            requests
            completed
            cancelled
            noShows
            publishedMinutes
            occupiedMinutes
          }
        }
      }
    }
  }
`)

type Viewer = NonNullable<DocumentType<typeof OwnStatistics>['viewer']>
export type Statistics = Extract<Viewer, { statistics: unknown }>['statistics']
export type Point = Statistics['series'][number]
