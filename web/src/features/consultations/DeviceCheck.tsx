import { Check, CircleHelp, X } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMutation } from 'urql'
import { browserName, type Checked, check, type Outcome, sound } from '../../consultation/check'
import type { Party } from '../../session/session'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { RecordCheck, type RoomCard } from './operations'

interface Props {
  card: RoomCard
  role: Party
  name: string
  stream: MediaStream
}

/** Tries camera, microphone, sound and line before a visit; what comes of it is kept with it. */
export function DeviceCheck({ card, role, name, stream }: Props) {
  const { t } = useTranslation()
  const [checked, setChecked] = useState<Checked | null>(null)
  const [busy, setBusy] = useState(false)
  const [{ data, error }, record] = useMutation(RecordCheck)
  const mine = role === 'patient' ? 'PATIENT' : 'DOCTOR'
  const own = card.deviceChecks.find(({ party }) => party === mine)
  const theirs = card.deviceChecks.find(({ party }) => party !== mine)

  async function begin() {
    setBusy(true)
    const [found] = await Promise.all([check(stream), sound()])
    setBusy(false)
    setChecked(found)
  }

  async function keep(speaker: Outcome) {
    if (checked === null) return
    const browser = browserName()
    await record({ input: { appointmentId: card.id, ...checked, speaker, browser } })
    setChecked(null)
  }

  const failed = error !== undefined || (data?.recordDeviceCheck?.problems.length ?? 0) > 0
  return (
    <section className="device-check" aria-labelledby="device-check">
      <h3 id="device-check">{t('check.title')}</h3>
      {own && !checked && <Result result={own} label={t('check.yours')} />}
      {theirs && <Result result={theirs} label={t('check.theirs', { name })} />}
      {failed && <Notice kind="bad">{t('failed')}</Notice>}
      {checked ? (
        <fieldset>
          <legend>{t('check.heard')}</legend>
          <div className="pair">
            <Button onPress={() => keep('OK')}>{t('check.yes')}</Button>
            <Button kind="quiet" onPress={() => keep('FAILED')}>
              {t('check.no')}
            </Button>
          </div>
        </fieldset>
      ) : (
        <Button kind="quiet" onPress={begin} isPending={busy}>
          {busy ? t('check.busy') : t(own ? 'check.again' : 'check.begin')}
        </Button>
      )}
    </section>
  )
}

type Kept = RoomCard['deviceChecks'][number]

function Result({ result, label }: { result: Kept; label: string }) {
  const { t } = useTranslation()
  return (
    <div role="status">
      <p className="hint">{label}</p>
      <ul className="checks">
        {(['camera', 'microphone', 'speaker'] as const).map(device => (
          <li key={device}>
            <Mark outcome={result[device]} /> {t(`check.${device}.${result[device]}`)}
          </li>
        ))}
        <li>
          <Mark outcome={LINE[result.network]} /> {t(`check.network.${result.network}`)}
        </li>
      </ul>
    </div>
  )
}

const LINE: Record<Kept['network'], Outcome> = {
  GOOD: 'OK',
  FAIR: 'OK',
  POOR: 'FAILED',
  NOT_TESTED: 'NOT_TESTED',
}

function Mark({ outcome }: { outcome: Outcome }) {
  if (outcome === 'OK') return <Check size={18} className="fine" aria-hidden />
  if (outcome === 'FAILED') return <X size={18} className="bad" aria-hidden />
  return <CircleHelp size={18} className="quiet" aria-hidden />
}
