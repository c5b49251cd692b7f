import type { Catalogue } from '../catalogue'

export const calendars: Catalogue['calendars'] = {
  add: 'Add to calendar',
  addOf: 'Add to calendar: visit with {{name}}',
  file: 'visit.ics',
  title: 'Visits in your calendar',
  lead: 'A link for Google Calendar, Apple, Outlook and others: it shows when your visits are and follows changes, but says neither with whom nor why.',
  create: 'Create a link',
  link: 'Calendar link',
  once: 'Keep it now: it will not be shown again. Whoever has it sees when you are busy.',
  copy: 'Copy',
  copied: 'Copied.',
  open: 'Open in a calendar program',
  since: 'A link has been active since {{at}}.',
  renew: 'Create another link',
  end: 'End the link',
  renewing: 'Create another link?',
  ending: 'End the link?',
  dies: 'The present link stops working. Calendars that use it get no more changes.',
}
