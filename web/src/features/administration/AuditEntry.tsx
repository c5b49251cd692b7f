import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { dayAndHour } from '../../i18n/times'
import { type Line, SEARCHED } from './audit'
import { labelOf } from './labels'

interface Props {
  line: Line
  names: ReadonlyMap<string, string>
}

/** One act: by whom, about what; each of them leads to what else there is of it. */
export function AuditEntry({ line, names }: Props) {
  const { t, i18n } = useTranslation()
  const { at, role, actorId, sessionId, subjects } = line
  const who = (id: string) => names.get(id) ?? id
  return (
    <>
      <strong>{labelOf('actions', line.action, i18n)}</strong>
      <span>
        {t(`audited.roles.${role}`)}
        {actorId && (
          <>
            {': '}
            <Link
              to={`/admin/audit?actor=${actorId}`}
              aria-label={t('administration.audit.byThem', { who: who(actorId) })}
            >
              {who(actorId)}
            </Link>
          </>
        )}
      </span>
      {subjects.length > 0 && (
        <span className="abouts">
          {subjects.map(({ name, value }) => (
            <span key={`${name} ${value}`}>
              {labelOf('subjects', name, i18n)}:{' '}
              {SEARCHED.test(value) ? (
                <Link
                  to={`/admin/audit?subject=${value}`}
                  aria-label={t('administration.audit.aboutThem', { what: who(value) })}
                >
                  {who(value)}
                </Link>
              ) : (
                value
              )}
            </span>
          ))}
        </span>
      )}
      <span className="quiet">
        <time dateTime={at}>{dayAndHour(at, i18n.language)}</time>
        {sessionId && <> · {t('administration.audit.session', { id: sessionId })}</>}
      </span>
    </>
  )
}
