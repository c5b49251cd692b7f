import { administration } from './administration'
import { audited } from './audited'

export const catalogue = { administration, audited } as const
