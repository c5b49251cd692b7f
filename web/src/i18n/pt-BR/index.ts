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

export const catalogue = {
  brand: 'Health&Med',
  loading: 'Carregando…',
  failed: 'Não conseguimos falar com o servidor. Tente de novo.',
  tryAgain: 'Tentar de novo',
  offline: 'Sem conexão com a clínica. Voltamos sozinhos assim que der.',
  busy: 'Há muita gente aqui neste momento. O que você pediu será enviado de novo em instantes.',
  close: 'Fechar',
  language: 'Idioma',
  signOut: 'Sair',
  skip: 'Ir para o conteúdo',
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
} as const
