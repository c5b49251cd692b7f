// Operations to begin with. They are files, and not `graphql(…)`: in production a document that the
// page trusts may be sent by anybody, and these are for those who may send what they like.
import type { Words } from './words'

export type Name = keyof Words['example']

interface Example {
  needs: keyof Words['needs']
  /** With DOCTOR_ID, SLOT_ID, APPOINTMENT_ID and NEW_KEY in place of what `fill` finds. */
  variables?: object
}

const texts = import.meta.glob<string>('./examples/*.graphql', {
  query: '?raw',
  import: 'default',
  eager: true,
})

export const EXAMPLES: Record<Name, Example> = {
  searchDoctors: {
    needs: 'anybody',
    variables: {
      filter: {
        specialty: 'cardiologia',
        near: { latitude: -23.55, longitude: -46.63 },
        withinKm: 30,
      },
      orderBy: 'DISTANCE',
    },
  },
  doctor: { needs: 'anybody', variables: { id: 'DOCTOR_ID' } },
  slotsLive: { needs: 'slots', variables: { doctorIds: ['DOCTOR_ID'] } },
  requestAppointment: {
    needs: 'patient',
    variables: {
      input: { slotId: 'SLOT_ID', reason: 'Check-up', consent: true, idempotencyKey: 'NEW_KEY' },
    },
  },
  agenda: { needs: 'person' },
  agendaLive: { needs: 'person' },
  acceptAppointment: { needs: 'doctor', variables: { input: { appointmentId: 'APPOINTMENT_ID' } } },
  usage: { needs: 'partner' },
}

export const NAMES = Object.keys(EXAMPLES) as Name[]

export function textOf(name: Name): string {
  const text = texts[`./examples/${name}.graphql`]
  if (text === undefined) throw new Error(`There is no example ${name}`)
  return text
}

const SOMETHING_FREE = `{
  doctors(orderBy: SOONEST, first: 1) { nodes { id nextSlots(first: 1) { id } } }
}`
const SOMETHING_ASKED = `{
  viewer { ... on DoctorViewer { appointments(status: [REQUESTED], first: 1) { nodes { id } } } }
}`

interface Found {
  doctors?: { nodes: { id: string; nextSlots: { id: string }[] }[] } | null
  viewer?: { appointments?: { nodes: { id: string }[] } } | null
}

/** The variables as text; what cannot be found keeps its placeholder. */
export async function fill(
  name: Name,
  ask: (query: string) => Promise<{ data?: unknown }>,
): Promise<string> {
  const { variables } = EXAMPLES[name]
  if (variables === undefined) return ''
  const text = JSON.stringify(variables, null, 2)
  const found: Record<string, string | undefined> = { NEW_KEY: crypto.randomUUID() }
  const query = text.includes('APPOINTMENT_ID') ? SOMETHING_ASKED : SOMETHING_FREE
  if (/DOCTOR_ID|SLOT_ID|APPOINTMENT_ID/.test(text)) {
    const data = ((await ask(query).catch(() => ({}))) as { data?: Found | null }).data
    const doctor = data?.doctors?.nodes[0]
    found.DOCTOR_ID = doctor?.id
    found.SLOT_ID = doctor?.nextSlots[0]?.id
    found.APPOINTMENT_ID = data?.viewer?.appointments?.nodes[0]?.id
  }
  return text.replace(/DOCTOR_ID|SLOT_ID|APPOINTMENT_ID|NEW_KEY/g, word => found[word] ?? word)
}
