// A day's photos over a line that breaks every 300 KB on average, with the phone's own sender: what a cut may cost.
// Against the station of the unit tests, which keeps nothing of a request that was cut, as a station behind nginx.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { remaining } from '../src/data/handover'
import { withUser } from '../src/db/access'
import { Sender } from '../src/transport/sender'
import { BadLine } from './bad_line'
import { enrolledPhone } from './phone'
import { Station, pageAt } from './station'
import { visitWithNoise } from './visit'

const PHOTO_BYTES = 200_000
const BYTES_BETWEEN_CUTS = 300_000
const RATIO_MAX = 1.15
const WAKINGS_MAX = 400

let station: Station

beforeEach(async () => {
  station = new Station(await enrolledPhone())
  await station.open()
})

afterEach(async () => {
  await station.close()
})

async function dayOver(line: BadLine, visits: number, photosEach: number): Promise<number> {
  for (let visit = 0; visit < visits; visit++) await visitWithNoise(photosEach, PHOTO_BYTES)
  pageAt(await line.listen())
  const sender = new Sender({ now: () => Date.now(), random: () => 0.5, setTimer: () => 0, clearTimer: () => undefined, hidden: () => false })
  let wakings = 0
  for (; wakings < WAKINGS_MAX && (await remaining()).facts + (await remaining()).photos > 0; wakings++) await sender.wake('manual')
  await line.close()
  return line.bytesUp / (visits * photosEach * PHOTO_BYTES)
}

test('a line that breaks every 300 KB costs a whole day less than 15 % more than its photos', async () => {
  const line = new BadLine(Number(new URL(station.origin).port), BYTES_BETWEEN_CUTS, 20261122)
  const ratio = await dayOver(line, 30, 3)
  expect((await withUser((db) => db.photos.toArray())).map((photo) => photo.state)).toEqual(Array.from({ length: 90 }, () => 'held'))
  expect([...station.photos.values()].every((photo) => photo.held)).toBe(true)
  expect(line.cuts).toBeGreaterThan(40)
  expect(ratio).toBeLessThan(RATIO_MAX)
}, 60_000)

test('a good line carries each photo whole, in one request', async () => {
  const line = new BadLine(Number(new URL(station.origin).port), Infinity, 1)
  expect(await dayOver(line, 2, 3)).toBeLessThan(1.02)
  expect(station.seen.filter(({ path }) => path.includes('/photos/')).map(({ method }) => method)).toEqual(Array.from({ length: 6 }, () => 'PUT'))
}, 60_000)
