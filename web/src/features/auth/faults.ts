// What is wrong with a form about people, in words that say what to mend.
import type { TFunction } from 'i18next'
import type { ProblemCode } from '../../gql/graphql'
import type { Given } from '../../ui/SentForm'
import type { Faults } from '../../ui/useFaults'

export interface Problem {
  code: ProblemCode
  path: readonly string[]
}

const INVALID = [
  ...(['name', 'email', 'cpf', 'crm', 'birthDate', 'specialties', 'rqe', 'timeZone'] as const),
  ...(['password', 'newPassword', 'code'] as const),
]
const SAID = [
  ...(['INVALID', 'INVALID_CREDENTIALS', 'TOO_MANY_ATTEMPTS', 'MFA_REQUIRED'] as const),
  ...(['ALREADY_REGISTERED', 'TOKEN_EXPIRED', 'LIMIT_REACHED', 'WRONG_STATUS'] as const),
]

/** By field of the form; what is about none that there is, under "". `fieldOf`: where a path of the
 * input is filled in, if it is not where it begins. */
export function faultsOf(
  problems: readonly Problem[],
  given: Given,
  t: TFunction,
  fieldOf = (path: readonly string[]) => path[0] ?? '',
): Faults {
  const told: Faults = {}
  for (const { code, path } of problems) {
    const field = fieldOf(path)
    told[field in given ? field : ''] ??= words(code, field in given ? field : '', t)
  }
  return told
}

function words(code: ProblemCode, field: string, t: TFunction): string {
  const invalid = INVALID.find(each => field === each || field.startsWith(`${each}.`))
  if (code === 'INVALID' && invalid) return t(`accounts.invalid.${invalid}`)
  if (code === 'INVALID' && field === '') return t('accounts.invalid.whole')
  return t(`accounts.problems.${SAID.find(each => each === code) ?? 'other'}`)
}
