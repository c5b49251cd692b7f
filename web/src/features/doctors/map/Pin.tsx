import * as L from 'leaflet'
import { type ReactNode, useEffect, useState } from 'react'
import { createPortal } from 'react-dom'
import type { Place } from './operations'

interface Props {
  map: L.Map
  at: Place
  /** Over others, or under them, in pixels. */
  height: number
  children: ReactNode
}

/** What React draws, at a place of the map. */
export function Pin({ map, at: { latitude, longitude }, height, children }: Props) {
  const [element] = useState(() => document.createElement('div'))
  const [marker, setMarker] = useState<L.Marker | null>(null)
  useEffect(() => {
    const icon = L.divIcon({ className: 'pin-place', html: element, iconSize: [0, 0] })
    const added = L.marker([latitude, longitude], { icon, interactive: false, keyboard: false })
    added.addTo(map)
    L.DomEvent.disableClickPropagation(element)
    setMarker(added)
    return () => {
      added.remove()
    }
  }, [map, latitude, longitude, element])
  useEffect(() => {
    marker?.setZIndexOffset(height)
  }, [marker, height])
  return createPortal(children, element)
}
