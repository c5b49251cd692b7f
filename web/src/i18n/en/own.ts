import type { Catalogue } from '../catalogue'

export const own: Catalogue['own'] = {
  move: 'Change the time',
  cancel: 'Cancel appointment',
  rate: 'Write a review',
  back: 'Back',
  cancelling: {
    title: 'Cancel the appointment with {{name}}',
    justification: 'Justification',
    hint: 'The doctor will read it. 10 to 500 characters.',
    submit: 'Cancel it',
  },
  rating: {
    title: 'How was the visit with {{name}}?',
    stars: 'Stars, from 1 to 5',
    comment: 'Comment (optional)',
    hint: 'Everybody can read it; your name is not shown.',
    submit: 'Send review',
    missing: 'Choose how many stars.',
    refused: 'This visit can no longer be reviewed.',
    given: 'Your review: {{stars}} of 5',
  },
  moving: {
    title: 'Change the time',
    lead: 'Appointment with {{name}}: {{when}}. Choose another time; the doctor has to accept it.',
    chosen: 'New time: {{when}}.',
    submit: 'Move to this time',
    none: 'The doctor has no other times in the next four weeks.',
  },
}
