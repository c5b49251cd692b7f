import type { TFunction } from 'i18next'
import type { Access } from './accesses'

/** What was done, in plain words. Whoever has a name and no CRM is the patient himself. */
export function sentence(access: Access, t: TFunction): string {
  const { action, actorName, actorCrm, document, note, share, purpose } = access
  if (action === 'RESYNC') return ''
  const who = actorName ?? t('record.accesses.somebody')
  const what = document?.name ?? t(note ? 'record.accesses.note' : 'record.accesses.all')
  const by = actorName !== null && !actorCrm ? 'you' : 'they'
  if (action === 'SHARED' && by === 'they') return t('record.accesses.they.GLASS', { who })
  const whom = share?.doctor.name ?? ''
  const said = t(`record.accesses.${by}.${action}`, { who, what, whom })
  return purpose && action === 'DENIED' ? t('record.accesses.tried', { said, purpose }) : said
}
