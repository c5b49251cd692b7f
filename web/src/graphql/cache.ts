// What was read, by id: an event that brings an appointment changes it wherever it is shown.
import { type Cache, cacheExchange, type KeyGenerator } from '@urql/exchange-graphcache'

const NO_KEY: KeyGenerator = () => null // a part of what it is read with
const ofDoctor: KeyGenerator = ({ doctor }) => (doctor as { id: string } | undefined)?.id ?? null
const VALUES = [
  'AccessRequestConnection',
  'AdministratorViewer',
  'AppointmentChange',
  'AppointmentConnection',
  'AppointmentEdge',
  'AuditEntryConnection',
  'AuditSubject',
  'ConsentText',
  'Consultation',
  'ConsultationPresence',
  'ConsultationSignal',
  'DoctorConnection',
  'DoctorEdge',
  'DoctorRegistrationConnection',
  'DoctorStatistics',
  'DoctorViewer',
  'DocumentConnection',
  'EmergencyAccessConnection',
  'ErasureReport',
  'GeoPoint',
  'InPersonRequestConnection',
  'PageInfo',
  'PartnerConnection',
  'PartnerUsage',
  'PatientViewer',
  'Qualification',
  'Rating',
  'RegistrationDecision',
  'RecordAccess',
  'RecordAccessConnection',
  'RecordShareConnection',
  'RegistrationDecision',
  'RetainedData',
  'Review',
  'ReviewConnection',
  'SecondFactor',
  'ShareReceipt',
  'SlotChange',
  'Specialty',
  'StatisticsPoint',
]

/** What they do is in lists of the viewer's. */
const LISTED_BY = [
  'answerAccessRequest',
  'completeUpload',
  'hideDocument',
  'registerPartner',
  'reinstateDoctor',
  'requestExport',
  'requestInPersonVisit',
  'reviewEmergencyAccess',
  'shareRecord',
  'suspendDoctor',
  'verifyDoctor',
]

export const cache = () =>
  cacheExchange({
    keys: {
      ...Object.fromEntries(VALUES.map(type => [type, NO_KEY])),
      DoctorRegistration: ofDoctor,
    },
    updates: {
      Mutation: Object.fromEntries(
        LISTED_BY.map(field => [field, (_, __, cache: Cache) => readAgain(cache, 'viewer')]),
      ),
      Subscription: {
        recordAccessed: (_, __, cache) => readAgain(cache, 'viewer'),
        appointmentChanges(event, _, cache) {
          const { kind } = (event as { appointmentChanges: { kind: string } }).appointmentChanges
          // A new one is in no list yet, and after RESYNC nobody knows what is.
          if (kind === 'REQUESTED' || kind === 'RESYNC') readAgain(cache, 'viewer')
          if (kind === 'RESYNC') readAgain(cache, 'node')
        },
      },
    },
  })

function readAgain(cache: Cache, field: string): void {
  for (const { fieldName, arguments: given } of cache.inspectFields('Query')) {
    if (fieldName === field) cache.invalidate('Query', fieldName, given)
  }
}
