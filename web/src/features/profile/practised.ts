// What a doctor practises, as it is filled in and as the server takes it.
import type { QualificationInput } from '../../gql/graphql'

export interface Practised {
  /** Of a specialty. */
  code: string
  /** As it was typed; empty where there is none. */
  rqe: string
}

export const MOST = 10 // specialties (domain/doctors.py)

interface Input {
  specialties: string[]
  qualifications: QualificationInput[]
}

export function inputOf(practised: readonly Practised[]): Input {
  return {
    specialties: practised.map(({ code }) => code),
    qualifications: registered(practised).map(({ code, rqe }) => ({
      specialty: code,
      rqe: rqe.trim(),
    })),
  }
}

/** Where a path of that input is filled in: each RQE beside its specialty. */
export function fieldOf(practised: readonly Practised[], path: readonly string[]): string {
  const [first = '', place] = path
  if (first === 'city' || first === 'location') return ''
  if (first !== 'qualifications') return first
  return `rqe.${registered(practised)[Number(place)]?.code ?? ''}`
}

const registered = (practised: readonly Practised[]) =>
  practised.filter(({ rqe }) => rqe.trim() !== '')
