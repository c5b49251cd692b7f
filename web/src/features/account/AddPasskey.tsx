import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { Field } from '../../ui/Field'
import { type Given, SentForm } from '../../ui/SentForm'
import type { Faults } from '../../ui/useFaults'
import { faultsOf } from '../auth/faults'
import { created, whyNot } from '../auth/webauthn'
import { BeginPasskey, ConfirmPasskey } from './operations'
import { Proof } from './Proof'

interface Props {
  withCode: boolean
  onAdded: (name: string) => void
}

/** The password first, since the new key will do without; then the browser asks for the rest. */
export function AddPasskey({ withCode, onAdded }: Props) {
  const { t } = useTranslation()
  const [, begin] = useMutation(BeginPasskey)
  const [, confirm] = useMutation(ConfirmPasskey)

  async function send(given: Given): Promise<Faults> {
    const { password = '', otp = null } = given
    const begun = await begin({ input: { password, otp } })
    const { options, problems = [] } = begun.data?.beginPasskey ?? {}
    if (problems.length > 0) return faultsOf(problems, given, t)
    if (!options) throw begun.error
    try {
      return await keep(await created(options), given)
    } catch (fault) {
      return { '': t(`passkeys.faults.${whyNot(fault)}`) }
    }
  }

  async function keep(credential: string, given: Given): Promise<Faults> {
    const name = given.name?.trim() ?? ''
    const { data } = await confirm({ input: { credential, name } })
    const { passkey, problems = [] } = data?.confirmPasskey ?? {}
    if (passkey) onAdded(name)
    else if (problems.length === 0) return { '': t('failed') }
    return faultsOf(problems, given, t)
  }

  return (
    <SentForm submit={t('passkeys.create')} send={send}>
      <Field
        name="name"
        label={t('passkeys.name')}
        hint={t('passkeys.nameHint')}
        maxLength={60}
        isRequired
      />
      <Proof code={withCode ? 'otp' : null} />
    </SentForm>
  )
}
