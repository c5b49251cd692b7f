import { useTranslation } from 'react-i18next'
import { dayAndHour } from '../../i18n/times'
import type { Row } from './registrations'

/** Why a doctor stands as he does: by the registry's word, or since by an administrator's. */
export function Word({ row }: { row: Row }) {
  const { t, i18n } = useTranslation()
  const [latest] = row.decisions
  if (!latest) return <p>{t(`administration.registrations.registry.${row.status}`)}</p>
  const { at, reason } = latest
  const told = { at: dayAndHour(at, i18n.language), reason }
  return <p className="words">{t('administration.registrations.decided', told)}</p>
}
