import { graphql } from '../../../gql'

export const OnMap = graphql(`
  fragment OnMap on Doctor {
    location {
      latitude
      longitude
    }
  }
`)

/** Where a practice is, as the doctor says it in public; or somebody who searches. */
export interface Place {
  latitude: number
  longitude: number
}
