// Certificates and prescriptions, as the doctor who issues them reads and makes them.
import { type DocumentType, graphql } from '../../gql'
import type { PrescribedDrugInput, ProblemCode } from '../../gql/graphql'

export const PaperRow = graphql(`
  fragment PaperRow on Document {
    id
    name
    contentType
    size
    uploadedAt
    kind
    signature
    patient {
      id
      name
    }
  }
`)

export const PaperVisit = graphql(`
  query PaperVisit($id: ID!) {
    node(id: $id) {
      ... on Appointment {
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
  }
`)

/** Each patient in it is told that they were listed: it is read when it is looked at. */
export const IssuedPapers = graphql(`
  query IssuedPapers($first: Int!, $after: String) {
    viewer {
      ... on DoctorViewer {
        issuedDocuments(first: $first, after: $after) {
          nodes {
            ...PaperRow
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

export const Issued = graphql(`
  fragment Issued on DocumentPayload {
    document {
      ...PaperRow
    }
    problems {
      code
      path
    }
  }
`)

export const IssueCertificate = graphql(`
  mutation IssueCertificate($input: IssueCertificateInput!) {
    issueCertificate(input: $input) {
      ...Issued
    }
  }
`)

export const IssuePrescription = graphql(`
  mutation IssuePrescription($input: IssuePrescriptionInput!) {
    issuePrescription(input: $input) {
      ...Issued
    }
  }
`)

export const SignPaper = graphql(`
  mutation SignPaper($input: SignPaperInput!) {
    signPaper(input: $input) {
      ...Issued
    }
  }
`)

export type Paper = DocumentType<typeof PaperRow>

export const KINDS = ['certificate', 'prescription'] as const
export type Kind = (typeof KINDS)[number]

export const DRUG_FIELDS = ['drug', 'dose', 'posology', 'quantity'] as const
export const DRUGS_MOST = 20 // the server's own limit

/** What a doctor has typed. */
export interface Draft {
  kind: Kind
  text: string
  startsOn: string
  days: number | null
  cid: string
  cidConsent: boolean
  items: PrescribedDrugInput[]
  workAddress: string
  workContact: string
}

/** A form's fields: those of drug 0 are `items.0.drug` and so on. */
export function draftOf(kind: Kind, given: FormData, drugs: number): Draft {
  const text = (name: string) => String(given.get(name) ?? '').trim()
  return {
    kind,
    text: text('text'),
    startsOn: text('startsOn'),
    days: text('days') ? Number(text('days')) : null,
    cid: text('cid'),
    cidConsent: given.has('cidConsent'),
    items: Array.from({ length: drugs }, (_, number) => {
      const [drug, dose, posology, quantity] = DRUG_FIELDS.map(name =>
        text(`items.${number}.${name}`),
      ) as [string, string, string, string]
      return { drug, dose, posology, quantity }
    }),
    workAddress: text('workAddress'),
    workContact: text('workContact'),
  }
}

const SAID = ['INVALID', 'CONSENT_REQUIRED', 'TOO_LATE', 'WRONG_STATUS', 'LIMIT_REACHED'] as const
type Said = (typeof SAID)[number] | 'other'

/** By the name of a field, or "" for the whole: which words say what is wrong. */
export function faultsOf(
  problems: readonly { code: ProblemCode; path: readonly string[] }[],
  fields: (name: string) => boolean,
): Record<string, Said> {
  const told: Record<string, Said> = {}
  for (const { code, path } of problems) {
    const name = path.join('.')
    told[fields(name) ? name : ''] ??= SAID.find(each => each === code) ?? 'other'
  }
  return told
}

const WORK = 'work' // in localStorage: where this doctor works, who would have to type it each time

export function workKept(): Pick<Draft, 'workAddress' | 'workContact'> {
  const kept = JSON.parse(localStorage.getItem(WORK) ?? '{}')
  return { workAddress: kept.workAddress ?? '', workContact: kept.workContact ?? '' }
}

export function keepWork({ workAddress, workContact }: Draft): void {
  localStorage.setItem(WORK, JSON.stringify({ workAddress, workContact }))
}
