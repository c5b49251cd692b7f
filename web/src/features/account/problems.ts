import type { TFunction } from 'i18next'
import type { ProblemCode } from '../../gql/graphql'

interface Problem {
  code: ProblemCode
  path: readonly string[]
}

/** What is wrong with which field; what is wrong with the whole is under "". */
export function atFields(problems: readonly Problem[], t: TFunction): Record<string, string> {
  const told: Record<string, string> = {}
  for (const { code, path } of problems) {
    const known = (['INVALID', 'INVALID_CREDENTIALS', 'TOO_MANY_ATTEMPTS'] as const).find(
      each => each === code,
    )
    told[path[0] ?? ''] ??= t(`signIn.problems.${known ?? 'other'}`)
  }
  return told
}
