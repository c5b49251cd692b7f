import { ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { day } from '../../i18n/times'
import { useSession } from '../../session/context'
import { Button } from '../../ui/Button'
import { type Given, SentForm } from '../../ui/SentForm'
import { faultsOf } from '../auth/faults'
import { BeginFactor, type Secret } from './BeginFactor'
import { ConfirmFactor } from './ConfirmFactor'
import { RemoveSecondFactor, ReplaceRecoveryCodes } from './operations'
import { Proof } from './Proof'
import { RecoveryCodes } from './RecoveryCodes'

interface Props {
  factor: { enabledAt: string; recoveryCodesLeft: number } | null
  onChanged: () => void
}

/** Set up in three steps: the password, the app with its first code, and the recovery codes. */
export function SecondFactor({ factor, onChanged }: Props) {
  const { t, i18n } = useTranslation()
  const role = useSession()?.role // no administrator is without one
  const [secret, setSecret] = useState<Secret | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const [doing, setDoing] = useState<'replace' | 'remove' | null>(null)
  const [, replace] = useMutation(ReplaceRecoveryCodes)
  const [, remove] = useMutation(RemoveSecondFactor)

  function changed(codes: readonly string[] | null) {
    setCodes(codes)
    setSecret(null)
    setDoing(null)
    onChanged()
  }

  async function onReplace(given: Given) {
    const { password = '', code = '' } = given
    const { data, error } = await replace({ input: { password, code } })
    if (!data?.replaceRecoveryCodes) throw error
    const { recoveryCodes, problems } = data.replaceRecoveryCodes
    if (recoveryCodes) changed(recoveryCodes)
    return faultsOf(problems, given, t)
  }

  async function onRemove(given: Given) {
    const { password = '', code = '' } = given
    const { data, error } = await remove({ input: { password, code } })
    if (!data?.removeSecondFactor) throw error
    const { problems } = data.removeSecondFactor
    if (problems.length === 0) changed(null)
    return faultsOf(problems, given, t)
  }

  return (
    <section className="card panel" aria-labelledby="second-factor">
      <h2 id="second-factor">
        <ShieldCheck size={20} aria-hidden /> {t('account.factor.title')}
      </h2>
      {codes && <RecoveryCodes codes={codes} />}
      {!factor && !secret && <BeginFactor onBegun={setSecret} />}
      {!factor && secret && <ConfirmFactor secret={secret} onConfirmed={changed} />}
      {factor && (
        <p>
          {t('account.factor.on', { since: day(factor.enabledAt, i18n.language) })}{' '}
          {t('account.factor.left', { count: factor.recoveryCodesLeft })}
        </p>
      )}
      {factor && doing === null && (
        <div className="pair">
          <Button kind="quiet" onPress={() => setDoing('replace')}>
            {t('account.factor.anew')}
          </Button>
          {role !== 'administrator' && (
            <Button kind="quiet" onPress={() => setDoing('remove')}>
              {t('account.factor.remove')}
            </Button>
          )}
        </div>
      )}
      {factor && doing && (
        <>
          <h3>{t(doing === 'replace' ? 'account.factor.anew' : 'account.factor.remove')}</h3>
          <SentForm
            key={doing}
            kind={doing === 'remove' ? 'danger' : 'main'}
            submit={t(doing === 'replace' ? 'account.factor.make' : 'account.factor.turnOff')}
            send={doing === 'replace' ? onReplace : onRemove}
          >
            <p>{t(doing === 'replace' ? 'account.factor.anewLead' : 'account.factor.offLead')}</p>
            <Proof code="code" />
          </SentForm>
          <div className="pair">
            <Button kind="quiet" onPress={() => setDoing(null)}>
              {t('own.back')}
            </Button>
          </div>
        </>
      )}
    </section>
  )
}
