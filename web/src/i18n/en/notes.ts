import type { Catalogue } from '../catalogue'

export const notes: Catalogue['notes'] = {
  title: 'Notes of the visit',
  lead: {
    doctor:
      'What you save enters the record, and the patient can read it. A correction is another version.',
    patient: 'What the doctor has written of this visit into your record.',
  },
  text: 'Note',
  none: 'The doctor has written nothing yet.',
  draft: 'Draft: it is only in this page until you save it.',
  notYet: 'You can write already. It can be saved when the visit begins.',
  saved: 'Saved in the record: version {{version}}, {{at}}.',
  save: 'Save to the record',
  amend: 'Save a new version',
  discard: 'Discard the draft',
  version: 'Version {{version}}, {{at}}',
  versions_one: '{{count}} saved version',
  versions_other: '{{count}} saved versions',
  before_one: '{{count}} earlier version',
  before_other: '{{count}} earlier versions',
  conflict:
    'Another window saved version {{version}} while you were writing. Compare them below: your draft is not lost.',
  keepMine: 'Make mine the next version',
  refused: {
    WRONG_STATUS: 'A note is only of a visit that took place.',
    TOO_LATE: 'The time for writing about this visit is over.',
    LIMIT_REACHED: 'This note already has as many versions as it can.',
  },
}
