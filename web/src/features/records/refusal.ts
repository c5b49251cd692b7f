import type { TFunction } from 'i18next'
import type { ProblemCode } from '../../gql/graphql'

/** Why what needs a password was not done. */
export function refusal(code: ProblemCode, t: TFunction): string {
  switch (code) {
    case 'INVALID_CREDENTIALS':
      return t('exports.wrongPassword')
    case 'LIMIT_REACHED':
      return t('exports.copy.limit')
    case 'MFA_REQUIRED':
    case 'TOO_MANY_ATTEMPTS':
      return t(`signIn.problems.${code}`)
    default:
      return t('exports.refused')
  }
}
