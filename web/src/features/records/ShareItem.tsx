import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { dayAndHour } from '../../i18n/times'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { useNow } from '../../ui/useNow'
import { RevokeShare, type Share } from './shares'
import { left } from './until'

/** One share: with whom, of what, how long still, and its end. */
export function ShareItem({ share, onReceipt }: { share: Share; onReceipt: () => void }) {
  const { t, i18n } = useTranslation()
  const now = useNow()
  const [{ fetching }, revoke] = useMutation(RevokeShare)
  const [failed, setFailed] = useState(false)
  const { doctor, status, validFrom, validUntil, receipt, includesFuture } = share
  const remaining = left(validUntil, now, i18n.language)
  const active = status === 'ACTIVE' && remaining !== null
  const names = { name: doctor.name }

  async function onRevoke() {
    const { data } = await revoke({ input: { shareId: share.id } })
    setFailed(!data?.revokeShare?.share)
  }

  return (
    <article className={`card share ${active ? '' : 'past'}`} aria-labelledby={share.id}>
      <div className="about">
        <h3 id={share.id}>{doctor.name}</h3>
        <p className="quiet">
          CRM {doctor.crm}/{doctor.uf}
        </p>
        <p>
          {includesFuture
            ? t('record.sharing.all')
            : t('record.sharing.some', { count: receipt.documentCount })}
        </p>
        <p className={active ? 'time-left' : 'quiet'}>
          {!active
            ? t(status === 'REVOKED' ? 'record.sharing.revoked' : 'record.sharing.over')
            : Date.parse(validFrom) > now
              ? t('record.sharing.from', { at: dayAndHour(validFrom, i18n.language) })
              : t('record.sharing.left', { time: remaining })}
          {active && (
            <span className="quiet">
              {' · '}
              {t('record.sharing.until', { at: dayAndHour(validUntil, i18n.language) })}
            </span>
          )}
        </p>
        {failed && <Notice kind="bad">{t('failed')}</Notice>}
      </div>
      <div className="pair">
        <Button kind="quiet" aria-label={t('record.sharing.seeOf', names)} onPress={onReceipt}>
          {t('record.sharing.see')}
        </Button>
        {active && (
          <Button
            kind="danger"
            aria-label={t('record.sharing.revokeOf', names)}
            onPress={onRevoke}
            isPending={fetching}
          >
            {t('record.sharing.revoke')}
          </Button>
        )}
      </div>
    </article>
  )
}
