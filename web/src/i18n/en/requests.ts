import type { Catalogue } from '../catalogue'

export const requests: Catalogue['requests'] = {
  title_zero: 'Requests',
  title_one: '({{count}}) Request',
  title_other: '({{count}}) Requests',
  heading: 'Requests',
  pages: 'Pages for doctors',
  all: 'Appointments',
  waiting: 'to be answered',
  none: 'No request waits for an answer. New ones show up here at once.',
  sound: 'Play a sound for each request',
  undoable: 'Five seconds to undo an acceptance',
  left: '{{time}} left to answer',
  by: 'Answer by {{time}}',
  accepting: 'Accepting the appointment of {{name}}…',
  undo: 'Undo',
  done: '{{name}}: {{status}}.',
  became: 'The request of {{name}} changed before you answered. Now: {{status}}.',
}
