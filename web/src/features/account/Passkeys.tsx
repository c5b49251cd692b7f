import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { day, dayAndHour } from '../../i18n/times'
import { Ask } from '../../ui/Ask'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { hasPasskeys, hostHasPasskeys, namedAddress } from '../auth/webauthn'
import { AddPasskey } from './AddPasskey'
import { type Passkey, RemovePasskey } from './operations'

interface Props {
  passkeys: readonly Passkey[]
  withCode: boolean
  onChanged: () => void
}

export function Passkeys({ passkeys, withCode, onChanged }: Props) {
  const { t, i18n } = useTranslation()
  const [adding, setAdding] = useState(false)
  const [going, setGoing] = useState<Passkey | null>(null)
  const [told, setTold] = useState<{ text: string; bad?: boolean } | null>(null)
  const [{ fetching }, remove] = useMutation(RemovePasskey)
  const possible = hasPasskeys() && hostHasPasskeys()

  function onAdded(name: string) {
    setAdding(false)
    setTold({ text: t('passkeys.added', { name }) })
    onChanged()
  }

  async function onRemove({ id, name }: Passkey) {
    const { error } = await remove({ input: { passkeyId: id } })
    // One that is not found has been removed elsewhere.
    const failed = Boolean(error?.networkError)
    setTold(failed ? { text: t('failed'), bad: true } : { text: t('passkeys.removed', { name }) })
    setGoing(null)
    onChanged()
  }

  return (
    <section className="card panel" aria-labelledby="passkeys">
      <h2 id="passkeys">
        <KeyRound size={20} aria-hidden /> {t('passkeys.title')}
      </h2>
      <p>{t('passkeys.lead')}</p>
      {told && <Notice kind={told.bad ? 'bad' : 'info'}>{told.text}</Notice>}
      {passkeys.length > 0 && (
        <ul className="sessions">
          {passkeys.map(passkey => (
            <li key={passkey.id}>
              <p>
                <strong>{passkey.name}</strong>
                <br />
                <span className="quiet">
                  {t('passkeys.since', { day: day(passkey.createdAt, i18n.language) })}
                  {' · '}
                  {passkey.usedAt
                    ? t('passkeys.used', { at: dayAndHour(passkey.usedAt, i18n.language) })
                    : t('passkeys.unused')}
                  {passkey.backedUp && ` · ${t('passkeys.backedUp')}`}
                </span>
              </p>
              <Button
                kind="quiet"
                aria-label={t('passkeys.removeOne', { name: passkey.name })}
                onPress={() => setGoing(passkey)}
              >
                {t('passkeys.remove')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {!hasPasskeys() && <p className="hint">{t('passkeys.none')}</p>}
      {hasPasskeys() && !hostHasPasskeys() && (
        <p className="hint">
          {t('passkeys.byName')} <a href={namedAddress()}>{namedAddress()}</a>
        </p>
      )}
      {possible && !adding && (
        <div className="pair">
          <Button kind="quiet" onPress={() => setAdding(true)}>
            {t('passkeys.add')}
          </Button>
        </div>
      )}
      {adding && <AddPasskey withCode={withCode} onAdded={onAdded} />}
      <Ask
        title={t('passkeys.removing', { name: going?.name ?? '' })}
        open={going !== null}
        onClose={() => setGoing(null)}
      >
        <p>{t('passkeys.removingLead')}</p>
        <div className="pair">
          <Button kind="danger" isPending={fetching} onPress={() => going && void onRemove(going)}>
            {t('passkeys.remove')}
          </Button>
          <Button kind="quiet" onPress={() => setGoing(null)}>
            {t('own.back')}
          </Button>
        </div>
      </Ask>
    </section>
  )
}
