import { useTranslation } from 'react-i18next'
import type { Language } from '../../gql/graphql'
import { Choice } from '../../ui/Choice'
import { sayZone, zonesWith } from './zones'

export const LANGUAGES = ['PORTUGUESE', 'ENGLISH'] as const satisfies readonly Language[]

/** In which mail is to come. */
export function LanguageChoice({ first, onChange }: { first: Language; onChange?: () => void }) {
  const { t } = useTranslation()
  return (
    <Choice
      name="language"
      label={t('profile.language')}
      options={LANGUAGES}
      first={first}
      say={language => t(`profile.languages.${language as (typeof LANGUAGES)[number]}`)}
      onChange={onChange}
    />
  )
}

interface ZoneProps {
  label: string
  first: string
  onChange?: () => void
}

export function ZoneChoice({ label, first, onChange }: ZoneProps) {
  const { i18n } = useTranslation()
  return (
    <Choice
      name="timeZone"
      label={label}
      options={zonesWith(first)}
      first={first}
      say={zone => sayZone(zone, i18n.language)}
      onChange={onChange}
    />
  )
}
