import type { TFunction } from 'i18next'
import type { ProblemCode } from '../../gql/graphql'

const SAID = ['INVALID', 'SLOT_OVERLAPS', 'SLOT_IN_PAST', 'LIMIT_REACHED', 'WRONG_STATUS'] as const
const FIELDS: Record<string, string> = { endsAt: 'minutes' } // asked for by its length

interface Problem {
  code: ProblemCode
  path: readonly string[]
}

/** What is wrong with which field, in words; what is wrong with the whole is under "". */
export function atFields(problems: readonly Problem[], t: TFunction): Record<string, string> {
  const told: Record<string, string> = {}
  for (const { code, path } of problems) {
    const known = SAID.find(each => each === code)
    const named = path.findLast(step => !/^\d+$/.test(step)) ?? ''
    told[FIELDS[named] ?? named] ??= t(`agenda.problems.${known ?? 'other'}`)
  }
  return told
}
