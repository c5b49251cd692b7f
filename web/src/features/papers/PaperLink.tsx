import { FileText } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'

interface Props {
  visit: { id: string; status: string }
  /** In a tab of its own, so that a call goes on. */
  apart?: boolean
}

/** For a doctor, to the papers of a visit that goes on or is over. */
export function PaperLink({ visit, apart = false }: Props) {
  const { t } = useTranslation()
  if (visit.status !== 'IN_PROGRESS' && visit.status !== 'COMPLETED') return null
  const tab = apart ? { target: '_blank', 'aria-label': t('papers.beginApart') } : {}
  return (
    <Link to={`/appointments/${visit.id}/papers`} className="button quiet" {...tab}>
      <FileText size={18} aria-hidden /> {t('papers.begin')}
    </Link>
  )
}
