import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'

/** `notYours`: there is a page, but for others. */
export function NotFound({ notYours = false }: { notYours?: boolean }) {
  const { t } = useTranslation()
  const title = t(notYours ? 'notFound.notYours' : 'notFound.title')
  return (
    <div className="page">
      <title>{title}</title>
      <h1>{title}</h1>
      <p>{t(notYours ? 'notFound.notYoursText' : 'notFound.text')}</p>
      <Link to="/">{t('notFound.home')}</Link>
    </div>
  )
}
