import { LockKeyhole } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { type Given, SentForm } from '../../ui/SentForm'
import { faultsOf } from '../auth/faults'
import { NewPassword } from '../auth/NewPassword'
import { ChangePassword as Change } from './operations'
import { Proof } from './Proof'

interface Props {
  withCode: boolean
  onChanged: () => void
}

export function ChangePassword({ withCode, onChanged }: Props) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const [done, setDone] = useState(false)
  const [, change] = useMutation(Change)

  async function send(given: Given) {
    const { password = '', newPassword = '', otp = null } = given
    const { data, error } = await change({
      input: { currentPassword: password, newPassword, otp },
    })
    if (!data?.changePassword) throw error
    const { problems } = data.changePassword
    if (problems.length === 0) {
      setDone(true)
      setOpen(false)
      onChanged()
    }
    return faultsOf(problems, given, t)
  }

  return (
    <section className="card panel" aria-labelledby="change-password">
      <h2 id="change-password">
        <LockKeyhole size={20} aria-hidden /> {t('account.change.title')}
      </h2>
      {done && <Notice>{t('account.change.done')}</Notice>}
      {open ? (
        <SentForm submit={t('account.change.submit')} send={send}>
          <Proof code={withCode ? 'otp' : null} />
          <NewPassword name="newPassword" label={t('accounts.newPassword')} />
          <p className="hint">{t('account.change.ends')}</p>
        </SentForm>
      ) : (
        <div className="pair">
          <Button
            kind="quiet"
            onPress={() => {
              setDone(false)
              setOpen(true)
            }}
          >
            {t('account.change.begin')}
          </Button>
        </div>
      )}
    </section>
  )
}
