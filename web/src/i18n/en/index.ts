import type { Catalogue } from '../catalogue'
import { account } from './account'
import { accounts } from './accounts'
import { agenda } from './agenda'
import { appointments } from './appointments'
import { booking } from './booking'
import { calendars } from './calendars'
import { check } from './check'
import { day } from './day'
import { doctors } from './doctors'
import { exports } from './exports'
import { figures } from './figures'
import { frame } from './frame'
import { inPerson } from './inPerson'
import { map } from './map'
import { notes } from './notes'
import { notFound } from './notFound'
import { own } from './own'
import { pages } from './pages'
import { papers } from './papers'
import { passkeys } from './passkeys'
import { patients } from './patients'
import { pdf } from './pdf'
import { profile } from './profile'
import { record } from './record'
import { requests } from './requests'
import { room } from './room'
import { signIn } from './signIn'
import { standing } from './standing'
import { verify } from './verify'

export const catalogue: Catalogue = {
  brand: 'Health&Med',
  loading: 'Loading…',
  failed: 'We could not reach the server. Please try again.',
  tryAgain: 'Try again',
  offline: 'No connection to the clinic. We will be back as soon as it is.',
  busy: 'Many people are here just now. What you asked for goes out again by itself in a moment.',
  close: 'Close',
  language: 'Language',
  signOut: 'Sign out',
  skip: 'Skip to the content',
  frame,
  notFound,
  signIn,
  appointments,
  check,
  room,
  pages,
  agenda,
  requests,
  day,
  account,
  passkeys,
  profile,
  standing,
  doctors,
  figures,
  map,
  booking,
  inPerson,
  calendars,
  own,
  notes,
  accounts,
  record,
  exports,
  patients,
  pdf,
  papers,
  verify,
}
