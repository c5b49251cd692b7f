// The audit log, and how it is searched.
import { parseDate } from '@internationalized/date'
import { type DocumentType, graphql } from '../../gql'
import type { AuditFilter } from '../../gql/graphql'
import { ownZone } from '../../i18n/times'

export const AuditLine = graphql(`
  fragment AuditLine on AuditEntry {
    id
    at
    role
    actorId
    sessionId
    action
    subjects {
      name
      value
    }
  }
`)

export const AuditEntries = graphql(`
  query AuditEntries($filter: AuditFilter, $first: Int!, $after: String) {
    viewer {
      ... on AdministratorViewer {
        auditEntries(filter: $filter, first: $first, after: $after) {
          nodes {
            ...AuditLine
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

/** Doctors by their ids; null of those that are not shown to everybody now. */
export const DoctorNames = graphql(`
  query DoctorNames($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on Doctor {
        id
        name
        crm
        uf
      }
    }
  }
`)

export type Line = DocumentType<typeof AuditLine>

const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const ACTOR = new RegExp(`^(doctor|patient|administrator|partner)_${UUID}$`)
/** What can be searched for as a subject. */
export const SEARCHED = new RegExp(
  `^(doctor|patient|appointment|slot|partner|request|emergency|inperson)_${UUID}$`,
)

/** As it stands in the address of the page; days are of the viewer's own calendar. */
export interface Wanted {
  actor: string
  subject: string
  action: string
  from: string
  to: string
}

export const FIELDS = ['actor', 'subject', 'action', 'from', 'to'] as const

export const wantedBy = (query: URLSearchParams) =>
  Object.fromEntries(FIELDS.map(name => [name, query.get(name)?.trim() ?? ''])) as unknown as Wanted

/** By field, the last word of what is wrong there: `badId`, or `order`. */
export function faultsOf({ actor, subject, from, to }: Wanted) {
  const faults: { actor?: 'badId'; subject?: 'badId'; to?: 'order' } = {}
  if (actor && !ACTOR.test(actor)) faults.actor = 'badId'
  if (subject && !SEARCHED.test(subject)) faults.subject = 'badId'
  if (from && to && to < from) faults.to = 'order'
  return faults
}

/** Whole days, the last one included. */
export function filterOf(wanted: Wanted, zone = ownZone()): AuditFilter {
  const begins = (day: string, later = 0) =>
    parseDate(day).add({ days: later }).toDate(zone).toISOString()
  return {
    actorId: wanted.actor || null,
    subjectId: wanted.subject || null,
    action: wanted.action || null,
    from: wanted.from ? begins(wanted.from) : null,
    to: wanted.to ? begins(wanted.to, 1) : null,
  }
}

/** Doctors who are spoken of, each once. */
export function doctorsIn(lines: readonly Line[]): string[] {
  const ids = lines.flatMap(({ actorId, subjects }) => [
    actorId ?? '',
    ...subjects.map(({ value }) => value),
  ])
  return [...new Set(ids)].filter(id => id.startsWith('doctor_'))
}
