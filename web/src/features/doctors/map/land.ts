// What is under the markers: tiles where the clinic has some, else what the page brings along.
import * as L from 'leaflet'
import { allCities, type City } from '../cities'
import outline from '../geography/outline.json'
import { clear } from './stacks'

type Coordinates = [longitude: number, latitude: number]

const SOURCES = 'IBGE · Natural Earth'
const LABELS = 16 // at once, at the most
const LETTER = 7 // pixels, about

export interface Tiles {
  url: string
  attribution: string
}

/** Of the server, by its settings; null: there are none. */
export async function tilesOf(answer: Promise<Response>): Promise<Tiles | null> {
  const { tiles } = await (await answer).json()
  return tiles
}

export function drawLand(map: L.Map): void {
  map.createPane('land').style.zIndex = '150' // under tiles
  const renderer = L.svg({ pane: 'land', padding: 0.5 })
  const plain = { renderer, pane: 'land', interactive: false }
  const turned = (points: number[][]) => L.GeoJSON.coordsToLatLngs(points as Coordinates[])
  const areas = (polygons: number[][][][]) => polygons.map(rings => rings.map(turned))
  L.polygon(areas(outline.neighbours), { ...plain, className: 'neighbours' }).addTo(map)
  L.polygon(areas(outline.brazil), { ...plain, className: 'brazil' }).addTo(map)
  L.polyline(outline.borders.map(turned), { ...plain, className: 'borders' }).addTo(map)
  map.attributionControl?.addAttribution(SOURCES)
}

/** The largest places in sight, as many as have room, named anew whenever the map has moved. */
export function nameTowns(map: L.Map): () => void {
  map.createPane('towns').style.zIndex = '450' // over land, under the markers
  const names = L.layerGroup().addTo(map)
  let cities: readonly City[] = []

  function draw() {
    names.clearLayers()
    const inSight = map.getBounds()
    const seen = cities.filter(({ latitude, longitude }) => inSight.contains([latitude, longitude]))
    for (const city of clear(seen, city => boxOf(map, city), LABELS)) {
      const text = document.createElement('span')
      text.textContent = city.name
      const icon = L.divIcon({ className: 'town', html: text, iconSize: [6, 6] })
      L.marker([city.latitude, city.longitude], {
        icon,
        pane: 'towns',
        interactive: false,
        keyboard: false,
      }).addTo(names)
    }
  }

  map.on('moveend', draw)
  allCities().then(
    read => {
      cities = read
      draw()
    },
    () => undefined, // the map is of use without
  )
  return () => {
    cities = []
    map.off('moveend', draw)
  }
}

function boxOf(map: L.Map, { name, latitude, longitude }: City) {
  const { x, y } = map.latLngToContainerPoint([latitude, longitude])
  return { left: x - 8, right: x + 30 + name.length * LETTER, top: y - 13, bottom: y + 13 }
}
