// How long the phone waits on a line that breaks again and again, and whom it asks when it is back.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { BadLine } from '../../tests/bad_line'
import { ROWS, enrolledPhone } from '../../tests/phone'
import { Station, pageAt } from '../../tests/station'
import { visitWithNoise } from '../../tests/visit'
import { withUser } from '../db/access'
import { remaining } from '../data/handover'
import { Sender } from './sender'

const PHOTO_BYTES = 180_000
const PREVIEW_BYTES = 8_000
const WAIT_MS_MAX = 2_000
/** a village's line: stands for ten seconds, is gone for three */
const CUT_EVERY_MS = 13_000

let station: Station
let line: BadLine
let waits: number[]
let passed: number

beforeEach(async () => {
  station = new Station(await enrolledPhone())
  station.rows = [...ROWS]
  await station.open()
  waits = []
  passed = 0
})

afterEach(async () => {
  await line.close()
  await station.close()
})

/** The longest it may wait each time; the clock is moved by hand. */
const sender = (): Sender =>
  new Sender({ now: () => Date.now() + passed, random: () => 1, setTimer: (_, ms) => waits.push(ms), clearTimer: () => undefined, hidden: () => false })

async function over(bytesBetweenCuts: number): Promise<void> {
  line = new BadLine(Number(new URL(station.origin).port), bytesBetweenCuts, 7)
  pageAt(await line.listen())
}

test('a line that carried something is tried again within two seconds, however often it broke', async () => {
  await visitWithNoise(8, PHOTO_BYTES)
  await over(120_000)
  const phone = sender()
  await phone.wake('new')
  for (let tries = 0; tries < 60 && (await remaining()).photos > 0; tries++) await phone.wake('timer')
  expect((await remaining()).photos).toBe(0)
  expect(line.cuts).toBeGreaterThan(8)
  expect(Math.max(...waits.slice(0, -1))).toBeLessThanOrEqual(WAIT_MS_MAX)
})

test('so is one that carried only the small previews, for longer than half a minute', async () => {
  for (const photos of [25, 25]) await visitWithNoise(photos, 1_000)
  await withUser(async (db) => {
    await db.thumbs.toCollection().modify((thumb) => { thumb.preview = new ArrayBuffer(PREVIEW_BYTES) })
    await db.photos.toCollection().modify({ preview_sent: false })
  })
  await over(60_000)
  line.staysOut = true
  const phone = sender()
  for (let tries = 0; tries < 60 && (await remaining()).photos > 0; tries++) {
    line.back()
    await phone.wake('timer')
    passed += CUT_EVERY_MS
  }
  expect((await remaining()).photos).toBe(0)
  expect(passed).toBeGreaterThan(4 * CUT_EVERY_MS)
  expect(Math.max(...waits.slice(0, -1))).toBeLessThanOrEqual(WAIT_MS_MAX)
})

test('a line that stays dead is asked less and less often, up to a minute', async () => {
  await visitWithNoise(1, PHOTO_BYTES)
  await over(1e15)
  await line.close()
  const phone = sender()
  for (let tries = 0; tries < 8; tries++) await phone.wake('timer')
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1000))
})

test('half a minute after it carried something, a dead line is a dead line', async () => {
  await visitWithNoise(2, PHOTO_BYTES)
  await over(1e15)
  const phone = sender()
  await phone.wake('new')
  expect((await remaining()).photos).toBe(0)
  await line.close()
  await visitWithNoise(1, PHOTO_BYTES)
  waits = []
  for (let tries = 0; tries < 4; tries++) await phone.wake('timer')
  passed = 31_000
  for (let tries = 0; tries < 2; tries++) await phone.wake('timer')
  expect(waits).toEqual([1, 2, 2, 2, 16, 32].map((seconds) => seconds * 1000))
})

test('of a photo no byte of which was sent nothing is asked first, also after the line broke', async () => {
  await visitWithNoise(6, PHOTO_BYTES)
  await over(250_000)
  const phone = sender()
  await phone.wake('new')
  for (let tries = 0; tries < 60 && (await remaining()).photos > 0; tries++) await phone.wake('timer')
  const asked = station.seen.filter(({ method }) => method === 'HEAD').map(({ path }) => path)
  expect(line.cuts).toBeGreaterThan(2)
  expect(asked.length).toBeLessThanOrEqual(2 * line.cuts) // only those that were under way
})
