import type { Catalogue } from '../catalogue'

export const patients: Catalogue['patients'] = {
  title: 'My patients',
  lead: 'Each patient sees at once when you look at or open what they share.',
  none: 'No patients yet.',
  next: 'Older documents',
  today: 'Visit today',
  nothing: 'No document is shared with you now.',
  asked: 'You have asked for access. Waiting for the patient.',
  refused: 'This was not possible. See whether you have a visit with this patient, and try again.',
  access: {
    of: 'Ask {{name}} for access to the record',
    begin: 'Ask for access',
    title: 'Ask {{name}} for access',
    text: 'The patient gets an e-mail, and chooses what to show and until when.',
    label: 'Message to the patient',
    hint: '10 to 500 characters.',
    already: 'You have asked already. Wait for the answer.',
    submit: 'Send the request',
  },
  glass: {
    of: 'Emergency: open the record of {{name}}',
    begin: 'Emergency',
    title: 'Open the record of {{name}} without consent?',
    text: 'In an emergency only. You see the whole record for an hour. The patient is told at once, with the reason, and the clinic reviews it.',
    label: 'Why it is an emergency',
    hint: '20 to 500 characters. The patient will read it.',
    already: 'You see this record in an emergency already.',
    submit: 'Open it for an hour',
  },
}
