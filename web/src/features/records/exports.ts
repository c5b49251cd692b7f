// A copy of all that the clinic has of a patient, and the end of an account.
import { type DocumentType, graphql } from '../../gql'

export const ExportCard = graphql(`
  fragment ExportCard on RecordExport {
    id
    status
    requestedAt
    progress
    size
    expiresAt
  }
`)

export const MyExports = graphql(`
  query MyExports {
    viewer {
      ... on PatientViewer {
        secondFactor {
          enabledAt
        }
        exports {
          ...ExportCard
        }
      }
    }
  }
`)

export const RequestExport = graphql(`
  mutation RequestExport($input: RequestExportInput!) {
    requestExport(input: $input) {
      export {
        ...ExportCard
      }
      problems {
        code
        path
      }
    }
  }
`)

export const OpenExport = graphql(`
  mutation OpenExport($input: OpenExportInput!) {
    openExport(input: $input) {
      url
      problems {
        code
      }
    }
  }
`)

export const EraseAccount = graphql(`
  mutation EraseAccount($input: EraseAccountInput!) {
    eraseAccount(input: $input) {
      report {
        ...Erased
      }
      problems {
        code
        path
      }
    }
  }
`)

export const Erased = graphql(`
  fragment Erased on ErasureReport {
    removed
    kept {
      what
      reason
      until
    }
  }
`)

export type Export = DocumentType<typeof ExportCard>
export type Report = DocumentType<typeof Erased>
