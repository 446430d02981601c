// Where tiles lie under the sheet: the corners of each on the ground, also of a provider that counts in GCJ-02.

import { expect, test } from 'vitest'
import { fitted, metres, onScreen, placeAt } from './geometry'
import { TILES_MAX, tilesUnder, toGcj } from './mercator'

const SOURCE = { attribution: '天地图', zoom_min: 3, zoom_max: 18 }
const VILLAGE = [{ lat: 36.49, lon: 118.21 }, { lat: 36.5, lon: 118.23 }]
const [WIDTH, HEIGHT] = [390, 500]
const apart = (one: { lat: number; lon: number }, other: { lat: number; lon: number }): number => { const { x, y } = metres(one, other); return Math.hypot(x, y) }

test('what lies under a point of the sheet is what is drawn there', () => {
  const window = fitted(VILLAGE, WIDTH, HEIGHT)
  const spot = onScreen(placeAt({ x: 17, y: 402 }, window), window)
  expect([spot.x, spot.y]).toEqual([expect.closeTo(17, 6), expect.closeTo(402, 6)])
})

test.each(['wgs84', 'gcj02'] as const)('the tiles cover the whole sheet without gaps, about as large as they are: %s', (system) => {
  const window = fitted(VILLAGE, WIDTH, HEIGHT)
  const tiles = tilesUnder(window, WIDTH, HEIGHT, { ...SOURCE, system })
  expect(tiles.length).toBeGreaterThan(3)
  const corners = tiles.map(({ from, to }) => [onScreen(from, window), onScreen(to, window)] as const)
  expect(Math.min(...corners.map(([from]) => from.x))).toBeLessThanOrEqual(0)
  expect(Math.min(...corners.map(([from]) => from.y))).toBeLessThanOrEqual(0)
  expect(Math.max(...corners.map(([, to]) => to.x))).toBeGreaterThanOrEqual(WIDTH)
  expect(Math.max(...corners.map(([, to]) => to.y))).toBeGreaterThanOrEqual(HEIGHT)
  for (const [from, to] of corners) {
    expect(to.x - from.x).toBeGreaterThan(256 / 1.5)
    expect(to.x - from.x).toBeLessThan(256 * 1.5)
    expect((to.x - from.x) / (to.y - from.y)).toBeCloseTo(1, 1)
  }
})

test('a tile of known corners is asked for by its numbers', () => {
  const [tile] = tilesUnder({ middle: { lat: 36.5, lon: 118.2 }, scale: 0.0008, x: 5, y: 5 }, 10, 10, { ...SOURCE, system: 'wgs84' })
  expect(tile).toMatchObject({ z: 7, x: 106, y: 50 })
  expect(apart(tile!.from, { lat: 36.59788913307021, lon: 118.125 })).toBeLessThan(1)
})

// published pairs of the shift (googollee/eviltransform)
test.each([
  [31.1774276, 121.5272106, 31.17530398364597, 121.531541859215],
  [22.543847, 113.912316, 22.540796131694766, 113.9171764808363],
  [39.911954, 116.377817, 39.91334545536069, 116.38404722455657],
])('GCJ-02 is where it is published to be: %f %f', (lat, lon, gcjLat, gcjLon) => {
  expect(apart(toGcj({ lat, lon }), { lat: gcjLat, lon: gcjLon })).toBeLessThan(0.1)
})

test('a tile in GCJ-02 lies where its degrees mean, within a hand', () => {
  const window = fitted(VILLAGE, WIDTH, HEIGHT)
  for (const { z, x, from } of tilesUnder(window, WIDTH, HEIGHT, { ...SOURCE, system: 'gcj02' })) {
    const counted = toGcj(from)
    expect(Math.abs(counted.lon - ((x / 2 ** z) * 360 - 180)) * 111_320).toBeLessThan(0.1)
  }
})

test('of a province nothing is asked for, and never more than a sheet holds', () => {
  for (const scale of [0.002, 0.0005, 0.01, 0.3, 4]) {
    const tiles = tilesUnder({ middle: VILLAGE[0]!, scale, x: WIDTH / 2, y: HEIGHT / 2 }, WIDTH, HEIGHT, { ...SOURCE, zoom_min: 9, system: 'wgs84' })
    expect(tiles.length).toBeLessThanOrEqual(TILES_MAX)
    if (scale < 0.001) expect(tiles).toEqual([])
  }
})
