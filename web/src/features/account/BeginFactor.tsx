import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { type Given, SentForm } from '../../ui/SentForm'
import { faultsOf } from '../auth/faults'
import { BeginSecondFactor } from './operations'
import { Proof } from './Proof'

/** What the app has to know, in letters and as a picture: a `data:` address. */
export interface Secret {
  secret: string
  picture: string
}

export function BeginFactor({ onBegun }: { onBegun: (secret: Secret) => void }) {
  const { t } = useTranslation()
  const [, begin] = useMutation(BeginSecondFactor)

  async function send(given: Given) {
    const { data, error } = await begin({ input: { password: given.password ?? '' } })
    if (!data?.beginSecondFactor) throw error
    const { secret, qrCode, problems } = data.beginSecondFactor
    if (secret && qrCode) {
      onBegun({ secret, picture: `data:image/svg+xml,${encodeURIComponent(qrCode)}` })
    }
    return faultsOf(problems, given, t)
  }

  return (
    <SentForm submit={t('account.factor.begin')} send={send}>
      <p>{t('account.factor.off')}</p>
      <Proof code={null} />
    </SentForm>
  )
}
