import * as L from 'leaflet'
import { type RefObject, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { drawLand, nameTowns, tilesOf } from './land'

const BRAZIL = L.latLngBounds([-34, -74], [5.5, -34])
const AROUND = L.latLngBounds([-42, -95], [17, -15])

/** A map within the element, as long as it is shown; null before. */
export function useMap(element: RefObject<HTMLElement | null>): L.Map | null {
  const { t } = useTranslation()
  const [map, setMap] = useState<L.Map | null>(null)
  const [zoomIn, zoomOut] = [t('map.zoomIn'), t('map.zoomOut')]
  useEffect(() => {
    if (element.current === null) return
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    const made = L.map(element.current, {
      maxBounds: AROUND,
      minZoom: 2.5,
      maxZoom: 14,
      zoomSnap: 0.5,
      zoomControl: false,
      attributionControl: false,
      scrollWheelZoom: false, // but while the map has the focus, else one could not scroll past it
      zoomAnimation: !still,
      markerZoomAnimation: !still,
      fadeAnimation: !still,
      inertia: !still,
    })
    made.fitBounds(BRAZIL)
    made.on('focus', () => made.scrollWheelZoom.enable())
    made.on('blur', () => made.scrollWheelZoom.disable())
    L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(made)
    made.attributionControl = L.control.attribution({ prefix: false }).addTo(made)
    drawLand(made)
    const unname = cover(made)
    setMap(made)
    return () => {
      unname()
      made.remove()
      setMap(null)
    }
  }, [element, zoomIn, zoomOut])
  return map
}

/** With the clinic's tiles; where it has none, with the names of towns. */
function cover(map: L.Map): () => void {
  let undo = () => {}
  let gone = false
  tilesOf(fetch('/map.json'))
    .catch(() => null)
    .then(tiles => {
      if (gone) return
      if (tiles === null) {
        undo = nameTowns(map)
        return
      }
      L.tileLayer(tiles.url, { attribution: tiles.attribution, maxZoom: 18 }).addTo(map)
      map.setMaxZoom(18)
    })
  return () => {
    gone = true
    undo()
  }
}
