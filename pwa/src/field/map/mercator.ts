// Which tiles of a web map lie under the window of the sheet, and where on the ground their corners are. Pure.
// Points stay where they are (WGS-84); a provider that counts in GCJ-02 has its tiles moved, not the points.

import type { MapSource } from '@/data/later'
import { placeAt, type Place, type Window } from './geometry'

export interface Tile {
  z: number
  x: number
  y: number
  /** on the ground: the upper left and the lower right corner */
  from: Place
  to: Place
}

/** of one pixel at zoom 0 on the equator, tiles of 256 px */
const METRES_PER_PIXEL = 156_543.034
/** a window of more than this is no township; nobody pays a provider for a look at a province */
export const TILES_MAX = 40

export function tilesUnder(window: Window, width: number, height: number, { system, zoom_min, zoom_max }: MapSource): Tile[] {
  const z = Math.min(zoom_max, Math.round(Math.log2(METRES_PER_PIXEL * Math.cos((window.middle.lat * Math.PI) / 180) * window.scale)))
  if (z < zoom_min) return []
  const [first, last] = [{ x: 0, y: 0 }, { x: width, y: height }].map((corner) => tileOf(asCounted(placeAt(corner, window), system), z))
  if (!first || !last) return []
  const across = last.x - first.x + 1
  const count = across * (last.y - first.y + 1)
  if (count > TILES_MAX) return []
  return Array.from({ length: count }, (_, index) => {
    const [x, y] = [first.x + (index % across), first.y + Math.floor(index / across)]
    return { z, x, y, from: onGround(cornerOf(x, y, z), system), to: onGround(cornerOf(x + 1, y + 1, z), system) }
  })
}

function tileOf({ lat, lon }: Place, z: number): { x: number; y: number } {
  const side = 2 ** z
  const within = (value: number): number => Math.min(side - 1, Math.max(0, Math.floor(value * side)))
  return { x: within((lon + 180) / 360), y: within((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) }
}

function cornerOf(x: number, y: number, z: number): Place {
  const side = 2 ** z
  return { lat: (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / side))) * 180) / Math.PI, lon: (x / side) * 360 - 180 }
}

const asCounted = (place: Place, system: MapSource['system']): Place => (system === 'gcj02' ? toGcj(place) : place)

/** The place on the ground a provider's degrees mean. */
function onGround(place: Place, system: MapSource['system']): Place {
  if (system !== 'gcj02') return place
  let found = place
  // each round leaves a hundredth of what was wrong before
  for (let round = 0; round < 3; round++) {
    const off = toGcj(found)
    found = { lat: found.lat + place.lat - off.lat, lon: found.lon + place.lon - off.lon }
  }
  return found
}

const AXIS_M = 6_378_245
const ECCENTRICITY_SQUARED = 0.00669342162296594323

/** The published form of the shift Chinese providers lay over WGS-84: some hundred metres, other ones everywhere. */
export function toGcj({ lat, lon }: Place): Place {
  const [x, y] = [lon - 105, lat - 35]
  const wave = (of: number, ...parts: readonly (readonly [number, number])[]): number => parts.reduce((sum, [height, per]) => sum + height * Math.sin(of * per * Math.PI), 0)
  const common = (wave(x, [20, 6], [20, 2]) * 2) / 3
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + common + (wave(y, [20, 1], [40, 1 / 3]) * 2) / 3 + (wave(y, [160, 1 / 12], [320, 1 / 30]) * 2) / 3
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + common + (wave(x, [20, 1], [40, 1 / 3]) * 2) / 3 + (wave(x, [150, 1 / 12], [300, 1 / 30]) * 2) / 3
  const around = (lat * Math.PI) / 180
  const magic = 1 - ECCENTRICITY_SQUARED * Math.sin(around) ** 2
  return {
    lat: lat + (north * 180) / (((AXIS_M * (1 - ECCENTRICITY_SQUARED)) / (magic * Math.sqrt(magic))) * Math.PI),
    lon: lon + (east * 180) / ((AXIS_M / Math.sqrt(magic)) * Math.cos(around) * Math.PI),
  }
}
