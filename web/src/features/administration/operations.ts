import { graphql } from '../../gql'

export const SignInAdministrator = graphql(`
  mutation SignInAdministrator($input: SignInAdministratorInput!) {
    signInAdministrator(input: $input) {
      ...SignedIn
    }
  }
`)
