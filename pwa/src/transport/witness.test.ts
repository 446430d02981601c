// The phone as a witness, against a station in this process whose log really is a Merkle tree and can really be rewritten.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { enrolledPhone, killBrowser } from '../../tests/phone'
import { Station } from '../../tests/station'
import { withUser } from '../db/access'
import { giveFeedback } from '../data/one_tap'
import { readReceipts } from '../data/receipts'
import { makeRoom, tidy } from '../data/storage'
import { senderNow } from '../data/sender_view'
import { updateIdentity } from '../data/identity'
import { logAlarm, witness } from '../data/witness'
import { Sender } from './sender'
import { watchLog } from './witness'
import { STATION } from '../../tests/phone'

let station: Station
const sender = (): Sender => new Sender({ now: () => Date.now(), random: () => 0.5, setTimer: () => 0, clearTimer: () => undefined, hidden: () => false })
const reports = (): { kind: string; kept: { size: number; text?: string } | null }[] =>
  station.seen.filter(({ path }) => path.endsWith('/sync/doubts')).map(({ body }) => JSON.parse(body.toString()) as never)

beforeEach(async () => {
  station = new Station(await enrolledPhone())
  await station.open()
})

afterEach(async () => {
  await station.close()
})

async function rewritten(): Promise<void> {
  await giveFeedback('一')
  await giveFeedback('二')
  await sender().wake('launch')
  station.facts.clear()
  await sender().wake('visible')
}

test('an alarm stands after the app was closed, is reported to the station, and keeps everything on the phone', async () => {
  await rewritten()
  expect(senderNow().problem?.words).toMatch(/对不上.*告诉站里的管理员.*照常做.*不会清/)
  expect(reports()).toMatchObject([{ kind: 'rewritten', kept: { size: 2 } }])
  killBrowser()
  station.mishaps = ['busy']
  await giveFeedback('三')
  await sender().wake('launch')
  expect(senderNow().problem).toMatchObject({ code: 'log_doubt' })
  await updateIdentity({ days: { count: 90, station: '', phone: '' } })
  await tidy()
  expect(await makeRoom()).toBe(false)
  expect(await withUser((db) => db.facts.count())).toBe(3)
})

test('nothing is blocked by an alarm: the next work is handed over as ever', async () => {
  await rewritten()
  await giveFeedback('三')
  await sender().wake('manual')
  expect(station.facts.size).toBe(1)
  expect((await readReceipts()).map(({ order, facts }) => [order, facts])).toEqual([[2, 1], [1, 2]])
})

test('when the log that the phone knew is back, the alarm is over and the station hears of it', async () => {
  await giveFeedback('一')
  await sender().wake('launch')
  const before = new Map(station.facts)
  station.facts.clear()
  await sender().wake('visible')
  expect(await logAlarm()).not.toBeNull()
  station.facts = before
  await sender().wake('visible')
  expect([await logAlarm(), senderNow().problem]).toEqual([null, null])
  expect(reports().map(({ kind }) => kind)).toEqual(['rewritten', 'settled'])
})

const HASH = 'a'.repeat(64)
async function shown(change: { size?: number; root?: string; epoch?: number; key?: string }): Promise<Parameters<typeof watchLog>[0]> {
  const { size = 5, root = HASH, epoch = 1 } = change
  const time = '2026-11-21T02:00:00.000Z'
  const signature = await station.key.sign(change.key ?? ['grid-inspector/head/1', STATION, epoch, size, root, time].join('\n'))
  return { epoch, head: { size, root, time, signature } }
}

test('a head that the station did not sign raises the alarm by itself', async () => {
  expect(await watchLog(await shown({ key: 'x' }))).toContain('签名不是站里的')
  expect(reports()).toMatchObject([{ kind: 'unsigned', kept: null }])
})

test('a new epoch with its record is no alarm; without it, or with another past, it is', async () => {
  expect(await watchLog(await shown({}))).toBeNull()
  expect(await watchLog({ ...(await shown({ epoch: 2, size: 5 })), opened: { epoch: 2, from: 1, size: 5, root: HASH } })).toBeNull()
  expect(Object.keys((await witness()).heads)).toEqual(['1', '2'])
  expect(await watchLog(await shown({ epoch: 3, size: 9 }))).toContain('拿不出恢复的凭据')
})

test('a new epoch that begins with another past than the one the phone saw is an alarm', async () => {
  expect(await watchLog(await shown({}))).toBeNull()
  const other = 'b'.repeat(64)
  expect(await watchLog({ ...(await shown({ epoch: 2, size: 5, root: other })), opened: { epoch: 2, from: 1, size: 5, root: other } })).toContain('恢复')
})

test('a station that goes back to an earlier epoch is an alarm', async () => {
  await withUser((db) => db.identity.update('me', { epoch: 2 }))
  expect(await watchLog(await shown({ epoch: 1 }))).toContain('对不上')
})

test('a receipt vouches for the log as a head does: what came between two heads cannot vanish', async () => {
  await giveFeedback('一')
  station.mishaps = ['scope_changed']
  await sender().wake('launch')
  const receipts = await withUser((db) => db.receipts.toArray())
  expect(receipts).toHaveLength(1)
  await withUser((db) => db.settings.clear()) // as if no head had come since the receipt
  station.facts.clear()
  await sender().wake('visible')
  expect(reports()[0]).toMatchObject({ kind: 'rewritten', kept: { size: 1, text: receipts[0]!.text } })
})

test('a station that answers but never proves is doubted after a while', async () => {
  expect(await watchLog(await shown({ size: 5 }))).toBeNull()
  const told: (string | null)[] = []
  for (let round = 0; round < 5; round++) told.push(await watchLog(await shown({ size: 9, root: 'b'.repeat(64) })))
  expect(told.slice(0, 4)).toEqual([null, null, null, null])
  expect(told[4]).toContain('拿不出')
})

test('a station restored between showing its head and proving it has changed nothing: no alarm', async () => {
  expect(await watchLog(await shown({ size: 5 }))).toBeNull()
  station.proofEpoch = 2
  expect(await watchLog(await shown({ size: 9, root: 'b'.repeat(64) }))).toBeNull()
  expect([await logAlarm(), (await witness()).heads['1']?.size]).toEqual([null, 5])
  // of the same log such a path is one
  station.proofEpoch = 1
  expect(await watchLog(await shown({ size: 9, root: 'b'.repeat(64) }))).toContain('对不上')
})

test('a station that speaks of another log time after time is doubted after a while', async () => {
  expect(await watchLog(await shown({ size: 5 }))).toBeNull()
  station.proofEpoch = 2
  const told: (string | null)[] = []
  for (let round = 0; round < 5; round++) told.push(await watchLog(await shown({ size: 9, root: 'b'.repeat(64) })))
  expect(told[4]).toContain('拿不出')
})

test('a receipt keeps its figures when the facts behind it have been tidied away', async () => {
  await giveFeedback('一')
  await sender().wake('launch')
  await withUser((db) => db.facts.clear())
  expect(await readReceipts()).toMatchObject([{ order: 1, facts: 1, inspections: 0, photos: 0 }])
})
