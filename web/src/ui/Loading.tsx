import { ProgressBar } from 'react-aria-components/ProgressBar'
import { useTranslation } from 'react-i18next'

export function Loading() {
  const { t } = useTranslation()
  return (
    <ProgressBar isIndeterminate aria-label={t('loading')} className="loading">
      <span className="spinner" />
    </ProgressBar>
  )
}
