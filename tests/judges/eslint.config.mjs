// The rules for schema.graphql: recommended and relay, and everything described. What is excepted,
// and why, is written here.
import plugin from '@graphql-eslint/eslint-plugin'

const SCHEMA = new URL('../../schema.graphql', import.meta.url).pathname

export default [
  {
    files: ['**/*.graphql'],
    plugins: { '@graphql-eslint': plugin },
    languageOptions: {
      parser: plugin.parser,
      parserOptions: { graphQLConfig: { schema: SCHEMA } },
    },
    rules: {
      ...plugin.configs['flat/schema-recommended'].rules,
      ...plugin.configs['flat/schema-relay'].rules,

      '@graphql-eslint/require-description': [
        'error',
        {
          types: true, // enums, too; what a value means that is not plain is said of its enum
          rootField: true,
          DirectiveDefinition: true,
          FieldDefinition: true,
          InputValueDefinition: true,
        },
      ],

      // An id is for what can be asked for again by `node`. These cannot:
      '@graphql-eslint/strict-id-in-types': [
        'error',
        {
          exceptions: {
            suffixes: [
              'Connection', 'Edge', // a page, a place in it
              'Payload', // what came of a mutation
              'Change', // an event has a cursor, which is its place in the log
              'Viewer', // whoever asks; the doctor or patient within has the id
            ],
            types: [
              'PageInfo', 'GeoPoint', 'Rating', 'PartnerUsage', 'Qualification', // values
              'Session', // has a token, which must not be an id
              'SecondFactor', // one an account, had through the viewer
              'RecordAccess', // has a cursor, which is its place among the events
              'UploadTicket', 'UploadField', // the document within has the id
              'ShareReceipt', // a part of a share, or of one that is still to be
              'ErasureReport', 'RetainedData', // told once, of what is gone
              'DoctorStatistics', 'StatisticsPoint', // counted anew for whoever asks
              'DoctorRegistration', // the doctor within has the id
              'RegistrationDecision', 'AuditSubject', // parts of what has one
              'Specialty', // has a code, which is the council's and for ever
              'Consultation', 'ConsultationGrant', // parts of an appointment
              'ConsultationPresence', 'ConsultationSignal', // have a cursor, as events have
              'ConsentText', // has a hash, and a version
              'AppointmentConsent', 'DeviceCheck', // parts of an appointment
              'Review', // anonymous: an id would tell one's reviews apart from another's
              'InvalidInput', 'OutsideWindow', 'Refused', 'SlotTaken', 'VersionConflict', // problems
            ],
          },
        },
      ],

      '@graphql-eslint/relay-edge-types': [
        'error',
        {
          withEdgeSuffix: true,
          shouldImplementNode: false, // ReviewEdge: a Review has no id, see above
          // Lists with a bound (problems, a range of slots) are lists, and a connection offers its
          // nodes without their edges.
          listTypeCanWrapOnlyEdgeType: false,
        },
      ],

      // The contract's connections go forward only.
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
    },
  },
]
