// The documents of a record, as their patient reads and changes them.
import { type DocumentType, graphql } from '../../gql'

export const DocumentRow = graphql(`
  fragment DocumentRow on Document {
    id
    name
    contentType
    size
    status
    uploadedAt
    kind
    signature
    issuedBy {
      id
      name
    }
  }
`)

export const MyDocuments = graphql(`
  query MyDocuments($status: [DocumentStatus!]!, $first: Int!, $after: String) {
    viewer {
      ... on PatientViewer {
        documents(status: $status, first: $first, after: $after) {
          nodes {
            ...DocumentRow
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

export const RequestUpload = graphql(`
  mutation RequestUpload($input: RequestUploadInput!) {
    requestUpload(input: $input) {
      ticket {
        document {
          id
        }
        url
        fields {
          name
          value
        }
      }
      problems {
        code
        path
      }
    }
  }
`)

export const CompleteUpload = graphql(`
  mutation CompleteUpload($input: CompleteUploadInput!) {
    completeUpload(input: $input) {
      document {
        ...DocumentRow
      }
      problems {
        code
        path
      }
    }
  }
`)

export const RenameDocument = graphql(`
  mutation RenameDocument($input: RenameDocumentInput!) {
    renameDocument(input: $input) {
      document {
        ...DocumentRow
      }
      problems {
        code
      }
    }
  }
`)

export const HideDocument = graphql(`
  mutation HideDocument($input: HideDocumentInput!) {
    hideDocument(input: $input) {
      document {
        ...DocumentRow
      }
      problems {
        code
      }
    }
  }
`)

export const OpenDocument = graphql(`
  mutation OpenDocument($input: OpenDocumentInput!) {
    openDocument(input: $input) {
      url
      problems {
        code
      }
    }
  }
`)

export type Row = DocumentType<typeof DocumentRow>
