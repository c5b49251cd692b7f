import { useTranslation } from 'react-i18next'
import { day, dayAndHour, hour } from '../../i18n/times'
import type { Party } from '../../session/session'
import { Button } from '../../ui/Button'
import { Notice } from '../../ui/Notice'
import { useNow } from '../../ui/useNow'
import { DeviceCheck } from './DeviceCheck'
import { DeviceChoice } from './DeviceChoice'
import type { Refusal } from './joining'
import type { RoomCard } from './operations'
import type { OwnMedia } from './useOwnMedia'
import { Video } from './Video'

interface Props {
  card: RoomCard
  role: Party
  name: string
  present: boolean
  media: OwnMedia
  refusal: Refusal | 'LEFT' | null
  busy: boolean
  onEnter: () => void
}

/** The waiting room: how one looks, and whether the other is there. */
export function Lobby({ card, role, name, present, media, refusal, busy, onEnter }: Props) {
  const { t, i18n } = useTranslation()
  const { startsAt, endsAt } = card
  const when = {
    date: day(startsAt, i18n.language),
    from: hour(startsAt, i18n.language),
    to: hour(endsAt, i18n.language),
  }
  const { own } = media
  return (
    <div className="lobby">
      <div className="mirror">
        {own?.camera ? (
          <Video stream={own.stream} label={t('room.preview')} own />
        ) : (
          <p>{own === null ? t('room.opening') : null}</p>
        )}
      </div>
      <section className="card waiting" aria-labelledby="waiting">
        <h2 id="waiting">{t('room.waiting')}</h2>
        <p className="first-up">{t('room.when', when)}</p>
        <p className={`presence ${present ? 'here' : ''}`} role="status">
          {t(present ? 'room.here' : 'room.notHere', { name })}
        </p>
        {own && own.lack !== 'none' && <Notice kind="bad">{t(`room.lack.${own.lack}`)}</Notice>}
        <Why card={card} refusal={refusal} />
        <Button onPress={onEnter} isPending={busy} isDisabled={own === null}>
          {busy ? t('room.joining') : t(refusal === 'LEFT' ? 'room.rejoin' : 'room.join')}
        </Button>
        {own && <DeviceChoice {...media} own={own} />}
        {own && <DeviceCheck card={card} role={role} name={name} stream={own.stream} />}
      </section>
    </div>
  )
}

/** Why one is not in the room. */
function Why({ card, refusal }: { card: RoomCard; refusal: Refusal | 'LEFT' | null }) {
  const { t, i18n } = useTranslation()
  const now = useNow()
  if (refusal === 'LEFT') return <Notice>{t('room.left')}</Notice>
  const kind = refusal ? 'bad' : 'info'
  const opensAt = refusal?.opensAt ?? card.consultation?.opensAt
  if (opensAt && now < Date.parse(opensAt)) {
    const told = t('room.early', { opensAt: dayAndHour(opensAt, i18n.language) })
    return <Notice kind={kind}>{told}</Notice>
  }
  return refusal && <Notice kind={kind}>{t(REFUSALS[refusal.why])}</Notice>
}

const REFUSALS = {
  OUTSIDE_WINDOW: 'room.over.closed',
  OVER: 'room.over.other',
  FAILED: 'failed',
} as const
