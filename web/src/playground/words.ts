// What the playground says around GraphiQL, which itself speaks English alone. It is no part of the
// catalogues: they are loaded with the page of patients and doctors.
import { type Language, preferred } from '../i18n/i18n'

const portuguese = {
  title: 'Playground da API',
  back: 'Ir para a página',
  guest: 'Sem sessão',
  signedIn: 'Sessão de {{name}}',
  signIn: 'Entrar',
  signOut: 'Sair',
  close: 'Fechar',
  partner: 'Parceiro',
  clientId: 'Client ID',
  secret: 'Client secret',
  demo: 'Contas de demonstração',
  forgotten: 'A sessão vive só nesta aba e some quando você a fecha ou recarrega.',
  wrong: 'Esses dados não conferem, ou o parceiro está suspenso.',
  failed: 'Não conseguimos falar com o servidor. Tente de novo.',
  closed:
    'Este servidor só executa documentos já conhecidos. Para enviar os seus e ver o schema, entre como parceiro com o escopo documents:any.',
  cost: 'Custo: {{requested}} de {{budget}}',
  noCost: 'O custo de cada resposta aparece aqui.',
  examples: 'Exemplos',
  fills: 'Abre em uma nova aba, já preenchido com o que este servidor tem agora.',
  example: {
    searchDoctors: 'Buscar médicos perto',
    doctor: 'Um médico e seus horários',
    slotsLive: 'Horários ao vivo',
    requestAppointment: 'Pedir uma consulta',
    agenda: 'Agenda',
    agendaLive: 'Agenda ao vivo',
    acceptAppointment: 'Aceitar um pedido',
    usage: 'Uso do parceiro',
  },
  needs: {
    anybody: '',
    slots: 'parceiro, com slots:read, ou qualquer um',
    patient: 'como paciente',
    doctor: 'como médico',
    person: 'como paciente ou médico',
    partner: 'como parceiro',
  },
}

export type Words = typeof portuguese

const english: Words = {
  title: 'API playground',
  back: 'Go to the page',
  guest: 'Not signed in',
  signedIn: 'Signed in: {{name}}',
  signIn: 'Sign in',
  signOut: 'Sign out',
  close: 'Close',
  partner: 'Partner',
  clientId: 'Client ID',
  secret: 'Client secret',
  demo: 'Demo accounts',
  forgotten: 'The session lives in this tab alone, and is gone when you close or reload it.',
  wrong: 'These do not match, or the partner is suspended.',
  failed: 'We could not reach the server. Please try again.',
  closed:
    'This server runs only documents that it knows. To send your own, and to see the schema, sign in as a partner with the scope documents:any.',
  cost: 'Cost: {{requested}} of {{budget}}',
  noCost: 'What each answer costs is shown here.',
  examples: 'Examples',
  fills: 'Opens in a new tab, filled in with what this server has now.',
  example: {
    searchDoctors: 'Find doctors nearby',
    doctor: 'A doctor and her free times',
    slotsLive: 'Slots, live',
    requestAppointment: 'Request an appointment',
    agenda: 'Agenda',
    agendaLive: 'Agenda, live',
    acceptAppointment: 'Accept a request',
    usage: "A partner's usage",
  },
  needs: {
    anybody: '',
    slots: 'a partner with slots:read, or anybody',
    patient: 'as a patient',
    doctor: 'as a doctor',
    person: 'as a patient or doctor',
    partner: 'as a partner',
  },
}

const WORDS: Record<Language, Words> = { 'pt-BR': portuguese, en: english }

export const language = preferred(localStorage.getItem('language'), navigator.languages)
export const words = WORDS[language]

export function filled(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name]))
}
