import './room.css'
import { ArrowLeft } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { useClient, useQuery, useSubscription } from 'urql'
import { unmask } from '../../gql'
import { useCursor } from '../../graphql/useCursor'
import type { Party } from '../../session/session'
import { Loading } from '../../ui/Loading'
import { Notice } from '../../ui/Notice'
import { AskInPerson } from '../inPerson/AskInPerson'
import { Notes } from '../notes/Notes'
import { PaperLink } from '../papers/PaperLink'
import { InCall } from './InCall'
import { type Joined, join, type Refusal } from './joining'
import { Lobby } from './Lobby'
import { RoomAppointment, type RoomCard, RoomChanges, Room as RoomQuery } from './operations'
import { useOwnMedia } from './useOwnMedia'
import { usePresence } from './usePresence'

export default function Room({ role }: { role: Party }) {
  const { t } = useTranslation()
  const { appointmentId = '' } = useParams()
  const after = useCursor()
  const pause = after === undefined
  const [{ data, error }] = useQuery({
    query: RoomQuery,
    variables: { appointmentId },
    requestPolicy: 'cache-and-network',
    pause,
  })
  useSubscription({ query: RoomChanges, variables: { after: after ?? null }, pause })
  const found = data?.node?.__typename === 'Appointment' ? data.node : null
  const card = unmask(RoomAppointment, found)
  return (
    <div className="page room">
      <Link to="/appointments" className="back">
        <ArrowLeft size={18} aria-hidden /> {t('room.back')}
      </Link>
      {!data && !error && <Loading />}
      {error && !data && <Notice kind="bad">{t('failed')}</Notice>}
      {data && !card && <Notice kind="bad">{t('room.stranger')}</Notice>}
      {card && <Standing card={card} role={role} />}
    </div>
  )
}

/** The room is there while the appointment is on; what is written of it, beside it and afterwards. */
function Standing({ card, role }: { card: RoomCard; role: Party }) {
  const { t } = useTranslation()
  const name = role === 'patient' ? card.doctor.name : card.patient.name
  const on = card.status === 'CONFIRMED' || card.status === 'IN_PROGRESS'
  return (
    <>
      <title>{t('room.title', { name })}</title>
      <h1>{t('room.title', { name })}</h1>
      {role === 'doctor' && (
        <div>
          <PaperLink visit={card} apart />
        </div>
      )}
      <div className="beside">
        {card.status === 'REQUESTED' && <Notice>{t('room.unconfirmed')}</Notice>}
        {card.status === 'COMPLETED' && <Notice>{t('room.over.COMPLETED')}</Notice>}
        {on && <OpenRoom key={card.id} card={card} role={role} name={name} />}
        {!on && card.status !== 'REQUESTED' && card.status !== 'COMPLETED' && (
          <Notice>{t('room.over.other')}</Notice>
        )}
        {role === 'patient' && card.status === 'COMPLETED' && (
          <AskInPerson doctorId={card.doctor.id} name={card.doctor.name} />
        )}
        <Notes key={`notes ${card.id}`} visit={card} role={role} />
      </div>
    </>
  )
}

function OpenRoom({ card, role, name }: { card: RoomCard; role: Party; name: string }) {
  const client = useClient()
  const media = useOwnMedia()
  const { own } = media
  const [joined, setJoined] = useState<Joined | null>(null)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | 'LEFT' | null>(null)
  const there = usePresence(card.id, card.consultation)
  const present = (role === 'patient' ? there?.doctorPresent : there?.patientPresent) ?? false

  async function enter() {
    if (own === null || busy) return
    setBusy(true)
    const answer = await join(client, card.id, role, own.stream)
    setBusy(false)
    if ('why' in answer) {
      setJoined(null)
      return setRefusal(answer)
    }
    remember(card.id)
    setRefusal(null)
    setJoined(answer)
  }

  // Whoever was in when the page was loaded anew goes on where he was.
  const returns = own !== null && remembers(card.id)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as soon as there is a camera
  useEffect(() => {
    if (returns && joined === null) void enter()
  }, [returns])

  useEffect(() => () => joined?.leave(), [joined])

  if (joined === null || own === null) {
    return (
      <Lobby
        card={card}
        role={role}
        name={name}
        present={present}
        media={media}
        refusal={refusal}
        busy={busy}
        onEnter={enter}
      />
    )
  }
  return (
    <InCall
      call={joined.call}
      media={{ ...media, own }}
      appointmentId={card.id}
      role={role}
      name={name}
      present={present}
      onRejoin={enter}
      onLeave={() => {
        forget(card.id)
        for (const track of own.stream.getTracks()) track.enabled = true
        setJoined(null)
        setRefusal('LEFT')
      }}
    />
  )
}

const key = (appointmentId: string) => `in ${appointmentId}`
const remember = (appointmentId: string) => sessionStorage.setItem(key(appointmentId), '1')
const forget = (appointmentId: string) => sessionStorage.removeItem(key(appointmentId))
const remembers = (appointmentId: string) => sessionStorage.getItem(key(appointmentId)) !== null
