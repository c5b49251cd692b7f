import type { Administrators } from '../catalogue'
import { administration } from './administration'
import { audited } from './audited'

export const catalogue: Administrators = { administration, audited }
