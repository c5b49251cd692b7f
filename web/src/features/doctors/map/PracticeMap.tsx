import * as L from 'leaflet'
import { LocateFixed, Stethoscope, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../../ui/Button'
import { FoundDoctor } from '../FoundDoctor'
import type { Hit } from '../useFound'
import type { Place } from './operations'
import { Pin } from './Pin'
import { stacked } from './stacks'
import { useMap } from './useMap'
import 'leaflet/dist/leaflet.css'
import './map.css'

const APART = 44 // pixels between markers, so that a finger hits one
const KILOMETRE = 1000 // metres
const ALONE = 10 // the zoom at which one marker still has towns around it

interface Props {
  hits: readonly Hit[]
  /** The doctor that is looked at in the list. */
  active: string | null
  here: Place | null
  withinKm: number | null
}

type Placed = Hit & { place: Place }

/** Where the doctors found practise. */
export default function PracticeMap({ hits, active, here, withinKm }: Props) {
  const { t } = useTranslation()
  const frame = useRef<HTMLDivElement>(null)
  const picked = useRef<HTMLElement>(null)
  const origin = useRef<HTMLElement | null>(null)
  const map = useMap(frame)
  const [chosen, setChosen] = useState<readonly string[]>([])
  const placed = hits.filter((hit): hit is Placed => hit.place !== null)
  const stacks = useStacks(map, placed)
  useSight(map, placed, here, withinKm)
  const shown = placed.filter(({ doctor }) => chosen.includes(doctor.id))
  const elsewhere = hits.length - placed.length

  useEffect(() => {
    if (chosen.length > 0) picked.current?.focus()
  }, [chosen])

  function pick(stack: readonly Placed[]) {
    origin.current = document.activeElement as HTMLElement
    if (map && spreadOut(map, stack)) frame.current?.focus()
    else setChosen(stack.map(({ doctor }) => doctor.id))
  }

  function close() {
    setChosen([])
    const back = origin.current?.isConnected ? origin.current : frame.current
    back?.focus()
  }

  return (
    <div className="practices">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: Leaflet makes it so; arrows move the map */}
      <section ref={frame} className="map" aria-label={t('map.label')} tabIndex={0} />
      {map &&
        stacks.map(stack => (
          <Stack
            key={stack.map(({ doctor }) => doctor.id).join()}
            map={map}
            stack={stack}
            raised={stack.some(({ doctor }) => doctor.id === active || chosen.includes(doctor.id))}
            onPick={() => pick(stack)}
          />
        ))}
      {map && here && (
        <Pin map={map} at={here} height={-1_000}>
          <span className="here-mark" role="img" aria-label={t('map.here')}>
            <LocateFixed size={18} aria-hidden />
          </span>
        </Pin>
      )}
      {elsewhere > 0 && <p className="quiet">{t('map.elsewhere', { count: elsewhere })}</p>}
      {shown.length > 0 && (
        <section
          ref={picked}
          tabIndex={-1}
          className="picked"
          aria-label={t('map.picked')}
          onKeyDown={({ key }) => key === 'Escape' && close()}
        >
          <div className="picked-head">
            <h3>{t('map.count', { count: shown.length })}</h3>
            <Button kind="quiet" aria-label={t('map.close')} onPress={close}>
              <X size={18} aria-hidden />
            </Button>
          </div>
          <ul className="cards found">
            {shown.map(hit => (
              <li key={hit.doctor.id}>
                <FoundDoctor hit={hit} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

interface StackProps {
  map: L.Map
  stack: readonly Placed[]
  raised: boolean
  onPick: () => void
}

function Stack({ map, stack, raised, onPick }: StackProps) {
  const { t } = useTranslation()
  const [first] = stack
  if (!first) return null
  const names = stack.map(({ doctor }) => doctor.name)
  const label =
    stack.length === 1
      ? names.join()
      : t('map.stack', { count: stack.length, names: names.join(', ') })
  return (
    <Pin map={map} at={first.place} height={raised ? 10_000 : 0}>
      <button
        type="button"
        className={`pin${raised ? ' raised' : ''}`}
        aria-label={label}
        title={label}
        onClick={onPick}
      >
        {stack.length === 1 ? <Stethoscope size={20} aria-hidden /> : stack.length}
      </button>
    </Pin>
  )
}

const at = ({ place }: Placed): L.LatLngTuple => [place.latitude, place.longitude]

/** Markers that would cover each other at this zoom are one. */
function useStacks(map: L.Map | null, placed: readonly Placed[]): Placed[][] {
  const [zoom, setZoom] = useState<number | null>(null)
  useEffect(() => {
    if (!map) return
    const tell = () => setZoom(map.getZoom())
    tell()
    map.on('zoomend', tell)
    return () => {
      map.off('zoomend', tell)
    }
  }, [map])
  if (!map || zoom === null) return []
  return stacked(placed, hit => map.project(at(hit), zoom), APART)
}

/** Shows all of them, and where the search is from. */
function useSight(
  map: L.Map | null,
  placed: readonly Placed[],
  here: Place | null,
  withinKm: number | null,
): void {
  const places = JSON.stringify(placed.map(at))
  useEffect(() => {
    if (!map) return
    const spots: L.LatLngTuple[] = JSON.parse(places)
    const sight = L.latLngBounds(spots)
    if (here) sight.extend([here.latitude, here.longitude])
    const circle =
      here && withinKm
        ? L.circle([here.latitude, here.longitude], {
            radius: withinKm * KILOMETRE,
            className: 'radius',
            interactive: false,
          }).addTo(map)
        : null
    const maxZoom = spots.length > 1 ? map.getMaxZoom() : ALONE
    if (sight.isValid()) map.fitBounds(sight, { padding: [36, 36], maxZoom, animate: false })
    return () => {
      circle?.remove()
    }
  }, [map, places, here, withinKm])
}

/** Nearer, where that tells them apart; false where they share a place. */
function spreadOut(map: L.Map, stack: readonly Placed[]): boolean {
  const nearest = map.getMaxZoom()
  const apart = stacked(stack, hit => map.project(at(hit), nearest), APART)
  if (apart.length === 1 || map.getZoom() >= nearest) return false
  map.fitBounds(L.latLngBounds(stack.map(at)), { padding: [48, 48], maxZoom: nearest })
  return true
}
