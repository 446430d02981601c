// Points on the ground as points on a screen: a small plane around the sites, good to a metre over a township.
// Pure. WGS-84 in, pixels out; it must not know what a point stands for.

export interface Place {
  lat: number
  lon: number
}
export interface Spot {
  x: number
  y: number
}
/** Ground metres east and north of a middle, to pixels: scale is pixels per metre. */
export interface Window {
  middle: Place
  scale: number
  /** of the screen, to where the middle is drawn */
  x: number
  y: number
}

const METRES_PER_DEGREE = 111_320
const PAD_PX = 36
/** one lonely site is not shown at the scale of a doorstep */
const SPAN_M_MIN = 300
export const SCALE_MAX = 4
export const SCALE_MIN = 0.002

export function metres({ lat, lon }: Place, middle: Place): Spot {
  return { x: (lon - middle.lon) * METRES_PER_DEGREE * Math.cos((middle.lat * Math.PI) / 180), y: (middle.lat - lat) * METRES_PER_DEGREE }
}

export function onScreen(place: Place, { middle, scale, x, y }: Window): Spot {
  const spot = metres(place, middle)
  return { x: x + spot.x * scale, y: y + spot.y * scale }
}

/** The other way round: what lies under a point of the screen. */
export function placeAt(spot: Spot, { middle, scale, x, y }: Window): Place {
  const [east, south] = [(spot.x - x) / scale, (spot.y - y) / scale]
  return { lat: middle.lat - south / METRES_PER_DEGREE, lon: middle.lon + east / (METRES_PER_DEGREE * Math.cos((middle.lat * Math.PI) / 180)) }
}

/** All of them in view. */
export function fitted(places: readonly Place[], width: number, height: number): Window {
  const [lats, lons] = [places.map(({ lat }) => lat), places.map(({ lon }) => lon)]
  const [south, north] = extent(lats)
  const [west, east] = extent(lons)
  const middle = { lat: (south + north) / 2, lon: (west + east) / 2 }
  const [from, to] = [metres({ lat: north, lon: west }, middle), metres({ lat: south, lon: east }, middle)]
  const span = (size: number, ground: number): number => Math.max(1, size - 2 * PAD_PX) / Math.max(SPAN_M_MIN, ground)
  return { middle, scale: Math.min(span(width, to.x - from.x), span(height, to.y - from.y)), x: width / 2, y: height / 2 }
}

function extent(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(([low, high], each) => [Math.min(low, each), Math.max(high, each)], [Infinity, -Infinity])
}

/** The point under the fingers stays where it is. */
export function zoomed(window: Window, factor: number, { x, y }: Spot): Window {
  const scale = Math.min(SCALE_MAX, Math.max(SCALE_MIN, window.scale * factor))
  const by = scale / window.scale
  return { ...window, scale, x: x + (window.x - x) * by, y: y + (window.y - y) * by }
}

/** The corners around all of them, as a rubber band would lie; fewer than three points have no outline. */
export function outline(spots: readonly Spot[]): Spot[] {
  const sorted = [...spots].sort((a, b) => a.x - b.x || a.y - b.y)
  if (sorted.length < 3) return []
  const half = (points: readonly Spot[]): Spot[] => {
    const kept: Spot[] = []
    for (const point of points) {
      while (kept.length > 1 && turn(kept[kept.length - 2] as Spot, kept[kept.length - 1] as Spot, point) <= 0) kept.pop()
      kept.push(point)
    }
    return kept.slice(0, -1)
  }
  return [...half(sorted), ...half(sorted.reverse())]
}

function turn(a: Spot, b: Spot, c: Spot): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

/** Those within reach of a finger, the nearest first. */
export function near<Item extends Spot>(items: readonly Item[], at: Spot, reach: number): Item[] {
  const far = (item: Spot): number => Math.hypot(item.x - at.x, item.y - at.y)
  return items.filter((item) => far(item) <= reach).sort((a, b) => far(a) - far(b))
}

/** A round length for the scale bar, at most so many pixels long. */
export function bar(scale: number, widest: number): { metres: number; pixels: number } {
  const most = widest / scale
  const power = 10 ** Math.floor(Math.log10(most))
  const metres = ([5, 2, 1].find((step) => step * power <= most) ?? 1) * power
  return { metres, pixels: metres * scale }
}
