import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { day, dayAndHour } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { PartnerForm } from './PartnerForm'
import { type PartnerAct, PartnerSure } from './PartnerSure'
import { type Partner, SCOPES, used, wordOf } from './partners'
import type { Told } from './Secret'

interface Props {
  partner: Partner
  onSecret: (told: Told) => void
}

/** One partner, how much it does, and what can be done with it. */
export function PartnerCard({ partner, onSecret }: Props) {
  const { t, i18n } = useTranslation()
  const [asked, setAsked] = useState<'edit' | PartnerAct | null>(null)
  const { id, name, clientId, createdAt, suspendedAt, previousSecretUntil } = partner
  const acts = ['edit', 'rotate', suspendedAt ? 'reinstate' : 'suspend'] as const
  const scopes = partner.scopes.map(scope => {
    const known = SCOPES.find(each => each === scope)
    return known ? t(`administration.partners.scope.${wordOf(known)}`) : scope
  })
  const close = () => setAsked(null)
  const language = i18n.language
  return (
    <article className="card box" aria-labelledby={id}>
      <div className="heading">
        <h2 id={id}>{name}</h2>
        <span className={`badge ${suspendedAt ? 'SUSPENDED' : 'VERIFIED'}`}>
          {suspendedAt
            ? t('administration.partners.suspended', { at: day(suspendedAt, language) })
            : t('administration.partners.active')}
        </span>
      </div>
      <dl className="facts">
        <dt>{t('administration.partners.clientId')}</dt>
        <dd>
          <code>{clientId}</code>
        </dd>
        <dt>{t('administration.partners.scopes')}</dt>
        <dd>{scopes.join(', ')}</dd>
        <dt>{t('administration.partners.usage')}</dt>
        <dd>
          <Usage partner={partner} />
        </dd>
      </dl>
      <p className="quiet">
        {t('administration.partners.since', { at: day(createdAt, language) })}
        {previousSecretUntil && (
          <>
            {' · '}
            {t('administration.partners.overlap', {
              at: dayAndHour(previousSecretUntil, language),
            })}
          </>
        )}
      </p>
      <div className="pair">
        {acts.map(act => (
          <Button
            key={act}
            kind="quiet"
            aria-label={t('administration.partners.of', {
              act: t(`administration.partners.${act}`),
              name,
            })}
            onPress={() => setAsked(act)}
          >
            {t(`administration.partners.${act}`)}
          </Button>
        ))}
        <Link
          className="button quiet"
          to={`/admin/audit?actor=${id}`}
          aria-label={t('administration.partners.of', { act: t('administration.acts'), name })}
        >
          {t('administration.acts')}
        </Link>
      </div>
      {asked === 'edit' && <PartnerForm partner={partner} onClose={close} onSecret={onSecret} />}
      {asked && asked !== 'edit' && (
        <PartnerSure act={asked} partner={partner} onClose={close} onSecret={onSecret} />
      )}
    </article>
  )
}

function Usage({ partner }: { partner: Partner }) {
  const { t, i18n } = useTranslation()
  const { operations, points, errors } = used(partner)
  if (operations === 0) return t('administration.partners.usage_none')
  const shown = (number: number) => new Intl.NumberFormat(i18n.language).format(number)
  return t('administration.partners.used', {
    operations: shown(operations),
    points: shown(points),
    errors: shown(errors),
  })
}
