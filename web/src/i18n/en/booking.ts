import type { Catalogue } from '../catalogue'

export const booking: Catalogue['booking'] = {
  title: 'Request a visit',
  back: 'Times of {{name}}',
  kept: 'This time is kept for you for {{left}}.',
  lapsed: 'The time is no longer kept for you.',
  again: 'Keep it again',
  reason: 'Reason for the visit (optional)',
  reasonHint: 'The doctor reads it before answering. Up to 1000 characters.',
  consentText: 'Read the consent to telemedicine',
  consent: 'I have read the consent to telemedicine, and I agree.',
  consentMissing: 'Without your consent there is no visit by video. Tick the box to go on.',
  submit: 'Request visit',
  requested: 'Your request has been sent. You will see the answer here.',
  others: 'Other times with this doctor',
  allTimes: 'See all times',
  problems: {
    SLOT_TAKEN: 'Somebody has just taken this time.',
    SLOT_IN_PAST: 'This time has passed.',
    PATIENT_BUSY: 'You already have an appointment at this time.',
    LIMIT_REACHED:
      'You are keeping another time already, or wait for answers to too many requests. Finish one of them first.',
    NOT_FOUND: 'This time does not exist any more.',
    WRONG_STATUS:
      'The appointment changed while you were looking. See how it stands in Appointments.',
    CONSENT_REQUIRED: 'The consent has changed. Reload the page, read it and ask again.',
    TOO_LATE: 'It is too late for this.',
    VERSION_CONFLICT:
      'The appointment changed while you were looking. See how it stands in Appointments.',
    other: 'It is not possible now. Try again later.',
  },
}
