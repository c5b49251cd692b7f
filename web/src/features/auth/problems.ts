import type { TFunction } from 'i18next'
import type { Problem } from './operations'

const SAID = ['INVALID', 'INVALID_CREDENTIALS', 'TOO_MANY_ATTEMPTS', 'MFA_REQUIRED'] as const

/** What is wrong with which field, in words; what is wrong with the whole is under "". */
export function atFields(problems: readonly Problem[], t: TFunction): Record<string, string> {
  const told: Record<string, string> = {}
  for (const { code, path } of problems) {
    const known = SAID.find(each => each === code)
    const field = code === 'MFA_REQUIRED' ? 'otp' : (path[0] ?? '')
    told[field] ??= t(`signIn.problems.${known ?? 'other'}`)
  }
  return told
}
