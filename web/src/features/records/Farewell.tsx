import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { Report } from './exports'
import './record.css'

/** What was removed and what is kept, for somebody who has no account any more. */
export default function Farewell({ report }: { report: Report }) {
  const { t, i18n } = useTranslation()
  const day = (on: string) =>
    new Intl.DateTimeFormat(i18n.language, { dateStyle: 'long', timeZone: 'UTC' }).format(
      new Date(on),
    )
  return (
    <div className="page">
      <title>{t('exports.erased.title')}</title>
      <h1>{t('exports.erased.title')}</h1>
      <section className="card box">
        <h2>{t('exports.erased.removed')}</h2>
        <ul className="listed">
          {report.removed.map(what => (
            <li key={what}>{t(`exports.erased.what.${what}`)}</li>
          ))}
        </ul>
      </section>
      <section className="card box">
        <h2>{t('exports.erased.kept')}</h2>
        <p>{t('exports.erase.kept')}</p>
        <ul className="listed">
          {report.kept.map(({ what, until }) => (
            <li key={what}>
              {t(`exports.erased.retained.${what}`)}
              {until && ` (${t('exports.until', { at: day(until) })})`}
            </li>
          ))}
        </ul>
      </section>
      <Link to="/" replace>
        {t('exports.erased.leave')}
      </Link>
    </div>
  )
}
