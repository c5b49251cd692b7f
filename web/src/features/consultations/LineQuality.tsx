import { SignalHigh, SignalLow, SignalMedium } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Line } from '../../consultation/quality'
import { Button } from '../../ui/Button'

const SIGNS = { GOOD: SignalHigh, FAIR: SignalMedium, POOR: SignalLow }

interface Props {
  line: Line
  audioOnly: boolean
  onAudioOnly: () => void
}

/** How good the line is, and what can be done about it. */
export function LineQuality({ line, audioOnly, onAudioOnly }: Props) {
  const { t, i18n } = useTranslation()
  const { quality, roundTripMs, loss, inKbps, outKbps } = line
  const Sign = SIGNS[quality]
  const number = (value: number) => value.toLocaleString(i18n.language)
  const measured = t('room.line.measured', {
    roundTrip: roundTripMs === null ? '–' : number(roundTripMs),
    loss: loss.toLocaleString(i18n.language, { style: 'percent', maximumFractionDigits: 1 }),
    in: number(inKbps),
    out: number(outKbps),
  })
  return (
    <div className={`line ${quality}`}>
      <p role="status">
        <Sign size={18} aria-hidden />
        <strong>{t(`check.network.${quality}`)}</strong>
        {quality === 'POOR' && <span>{t(audioOnly ? 'room.line.nearer' : 'room.line.poor')}</span>}
        {quality === 'FAIR' && <span>{t('room.line.fair')}</span>}
      </p>
      {quality === 'POOR' && !audioOnly && (
        <Button kind="quiet" onPress={onAudioOnly}>
          {t('room.audioOnly')}
        </Button>
      )}
      <p className="quiet measured">{measured}</p>
    </div>
  )
}
