// Files for the admin: what is in them, and that nothing but the station's own receipt lets the phone forget.

import { readFileSync, writeFileSync } from 'node:fs'
import { beforeEach, expect, test, vi } from 'vitest'
import { ENROLMENT, SITE, STATION, enrolledPhone, type StationKey } from '../../tests/phone'
import { Rescuer, opened, type Opened } from '../../tests/rescuer'
import { Station } from '../../tests/station'
import { visitWith } from '../../tests/visit'
import type { Receipt } from '../contract/wire'
import { withUser } from '../db/access'
import { base64, sha256Hex } from '../lib/bytes'
import { Sender } from '../transport/sender'
import { dissolveBatch, remaining } from './handover'
import { toldRescueKey } from './enrol'
import { updateIdentity } from './identity'
import { giveFeedback } from './one_tap'
import { applyReceipt, makeRescueFile, planRescue, type RescuePart } from './rescue'

const VECTOR = new URL('../../../tests/vectors/gibatch.json', import.meta.url)
const sender = (): Sender => new Sender({ now: () => Date.now(), random: () => 0.5, setTimer: () => 0, clearTimer: () => undefined, hidden: () => false })
let station: StationKey
let rescuer: Rescuer

beforeEach(async () => {
  station = await enrolledPhone()
  rescuer = await Rescuer.make(station)
  await updateIdentity({ rescue_key: rescuer.key })
})

async function parts(): Promise<RescuePart[]> {
  const planned = await planRescue()
  if (!planned.ok) throw new Error(planned.words)
  return planned.value
}

async function bytesOf(part: RescuePart): Promise<Uint8Array<ArrayBuffer>> {
  const made = await makeRescueFile(part)
  if (!made.ok) throw new Error(made.words)
  return new Uint8Array(await made.value.arrayBuffer())
}

async function files(): Promise<Opened[]> {
  const found: Opened[] = []
  for (const part of await parts()) found.push(await opened(await bytesOf(part), rescuer.privateKey))
  return found
}

const left = async (): Promise<[number, number]> => [(await remaining()).facts, (await remaining()).photos]

test('each visit is a file of its own, with its photos, closed for the station alone', async () => {
  await visitWith('one', 'two')
  await visitWith('three')
  const found = await files()
  expect(found.map((file) => [file.header.part, file.header.parts, file.photos.size])).toEqual([[1, 2, 2], [2, 2, 1]])
  for (const file of found) {
    const [envelope] = file.lines.map((line) => JSON.parse(line) as { batch: string; enrolment: string; facts: number })
    expect(envelope).toMatchObject({ batch: file.header.batch, enrolment: ENROLMENT, facts: 2 })
    for (const [hash, body] of file.photos) expect(await sha256Hex(body)).toBe(hash)
  }
})

test('a file holds the very bytes the wire would carry, and carries afterwards', async () => {
  await visitWith('photo')
  const [file] = await files()
  const wire = new Station(station)
  await wire.open()
  await sender().wake('launch')
  await wire.close()
  expect(wire.bodies[0]).toBe(`${file!.lines.join('\n')}\n`)
  expect(await left()).toEqual([0, 0])
})

test('making a file, twice over, releases nothing', async () => {
  await visitWith('photo')
  const first = await files()
  const again = await files()
  expect(again[0]!.lines).toEqual(first[0]!.lines)
  expect(await left()).toEqual([2, 1])
})

test('the receipts from the file let the phone forget, facts and photos', async () => {
  await visitWith('one', 'two')
  await giveFeedback('路灯坏了')
  const outcome = await applyReceipt(await rescuer.receiptFor(await files()))
  expect(outcome).toMatchObject({ ok: true, value: { facts: 3, photos: 2, before: 0 } })
  expect(await left()).toEqual([0, 0])
  expect((await withUser((db) => db.receipts.toArray())).length).toBe(2)
})

test('the same receipt again changes nothing and says so', async () => {
  await visitWith('one')
  const receipt = await rescuer.receiptFor(await files())
  await applyReceipt(receipt)
  expect(await applyReceipt(receipt)).toMatchObject({ ok: true, value: { facts: 0, photos: 0, before: 3 } })
})

test('a code holds the receipt of the words; photos stay until theirs come', async () => {
  await visitWith('one')
  const found = await files()
  expect(await applyReceipt(await rescuer.codeFor(found[0]!))).toMatchObject({ ok: true, value: { facts: 2, photos: 0 } })
  expect(await left()).toEqual([0, 1])
  const [rest] = await files()
  expect([rest!.lines.length, rest!.photos.size, rest!.header.first]).toEqual([0, 1, null])
})

test("the photos' codes are read in any order, before the words' and twice; each says what still waits", async () => {
  await visitWith('one', 'two', 'three')
  const [file] = await files()
  const [first, second] = await rescuer.photoCodes(file!)
  expect(await applyReceipt(second!)).toMatchObject({ ok: true, value: { facts: 0, photos: 1, left: { facts: 2, photos: 2 } } })
  expect(await applyReceipt(second!)).toMatchObject({ ok: true, value: { photos: 0, before: 1 } })
  expect(await applyReceipt(await rescuer.codeFor(file!))).toMatchObject({ ok: true, value: { facts: 2, left: { facts: 0, photos: 2 } } })
  expect(await applyReceipt(first!)).toMatchObject({ ok: true, value: { photos: 2, left: { facts: 0, photos: 0 } } })
  expect((await withUser((db) => db.photos.toArray())).map(({ state }) => state)).toEqual(['held', 'held', 'held'])
})

test.each([
  ['of other photos', (code: string) => code.replaceAll(/^[0-9a-f]{12}/gm, 'f'.repeat(12)), /别的手机/],
  ['with a signature of something else', (code: string) => code.replaceAll(/ \S+$/gm, ` ${'A'.repeat(86)}`), /签名不对/],
  ['of another time than was signed', (code: string) => code.replaceAll('2026-', '2027-'), /签名不对/],
  ['that names no photo but every one', (code: string) => code.replaceAll(/^[0-9a-f]{12}/gm, ''), /别的手机/],
  ['with nothing in it', () => 'GIP1\n', /不是站里给的/],
])('a code for photos %s releases nothing and says why', async (_why, spoil, words) => {
  await visitWith('one', 'two')
  const [code] = await rescuer.photoCodes((await files())[0]!)
  expect(await applyReceipt(spoil(code!))).toMatchObject({ ok: false, words: expect.stringMatching(words) })
  expect(await left()).toEqual([2, 2])
})

test('a batch that was taken apart since is still settled by what its receipt stands for', async () => {
  await visitWith('one')
  const receipt = await rescuer.receiptFor(await files())
  await dissolveBatch((await withUser((db) => db.batches.toArray()))[0]!)
  expect(await applyReceipt(receipt)).toMatchObject({ ok: true, value: { facts: 2, photos: 1 } })
  expect(await left()).toEqual([0, 0])
})

test('a signed receipt beside a list of other facts settles none of those', async () => {
  await visitWith('one')
  await visitWith('two')
  const [first, second] = await files()
  if (!first || !second) throw new Error('two visits, two files')
  const [mine, other] = [await rescuer.receiptFor([first]), await rescuer.receiptFor([second])].map((text) => JSON.parse(text) as { receipts: { facts: string[] }[] })
  for (const batch of await withUser((db) => db.batches.toArray())) await dissolveBatch(batch)
  const swapped = { ...mine, photos: [], receipts: mine?.receipts.map((each) => ({ ...each, facts: other?.receipts[0]?.facts })) }
  expect(await applyReceipt(JSON.stringify(swapped))).toMatchObject({ ok: false })
  expect(await left()).toEqual([4, 2])
})

const WORTHLESS: [string, (good: string) => string | Promise<string>, RegExp][] = [
  ['with another signature', (good) => good.replace(/"signature":"..../g, '"signature":"AAAA'), /签名不对/],
  ['for other facts', (good) => edited(good, (receipt) => ({ ...receipt, manifest: 'ab'.repeat(32) })), /没有作数/],
  ['of another station', (good) => edited(good, (receipt) => ({ ...receipt, station: SITE })), /没有作数/],
  ['of another phone', (good) => edited(good, (receipt) => ({ ...receipt, enrolment: SITE })), /没有作数/],
  ['of another batch', (good) => edited(good, (receipt) => ({ ...receipt, batch: SITE, count: 9 })), /没有作数/],
  ['that is none', () => '{"hello":1}', /不是站里给的收条/],
  ['that is nothing', () => '', /不是站里给的收条/],
]

async function edited(text: string, change: (receipt: Receipt) => object): Promise<string> {
  const file = JSON.parse(text) as { receipts: { receipt: string; signature: string }[]; photos: unknown[] }
  for (const each of file.receipts) {
    each.receipt = JSON.stringify(change(JSON.parse(each.receipt) as Receipt))
    each.signature = await station.sign(`grid-inspector/receipt/1\n${each.receipt}`)
  }
  return JSON.stringify({ ...file, photos: [] })
}

test.each(WORTHLESS)('a receipt %s releases nothing and says why', async (_why, spoil, words) => {
  await visitWith('one')
  const spoilt = await spoil(await rescuer.receiptFor(await files()))
  expect(await applyReceipt(spoilt)).toMatchObject({ ok: false, words: expect.stringMatching(words) })
  expect(await left()).toEqual([2, 1])
})

test.each([[2, 'from before the station was restored'], [0, 'of a restore the phone has not heard of']])('in epoch %i a receipt %s says nothing of what the station has', async (epoch) => {
  await visitWith('one')
  const receipt = await rescuer.receiptFor(await files())
  await updateIdentity({ epoch })
  expect(await applyReceipt(receipt)).toMatchObject({ ok: false, words: expect.stringContaining('恢复过备份') })
  expect(await left()).toEqual([2, 1])
})

test('a phone that never heard of the key says what to do, and takes it by hand only when it is signed', async () => {
  await visitWith('one')
  await withUser((db) => db.identity.where('key').equals('me').modify((identity) => { delete identity.rescue_key }))
  expect(await planRescue()).toMatchObject({ ok: false, code: 'no_rescue_key' })
  expect(await applyReceipt(`GIK1\n${rescuer.key.key}\n${'A'.repeat(86)}`)).toMatchObject({ ok: false })
  expect(await applyReceipt(`GIK1\n${rescuer.key.key}\n${rescuer.key.signature}`)).toMatchObject({ ok: true, value: { key: true } })
  expect((await files()).length).toBe(1)
})

test('a key somebody put in its place is not kept', async () => {
  const other = await Rescuer.make(await enrolledPhone())
  const told = await toldRescueKey(other.key, { server_key: station.public_key, station: STATION })
  expect(told).toEqual({})
})

test('one the station would not take travels alone, so that it sinks nobody', async () => {
  await visitWith('one')
  await withUser((db) => db.facts.filter((fact) => fact.kind === 'hazard.found').modify({ parked: '读不懂' }))
  expect((await parts()).map((part) => [part.facts, part.photos])).toEqual([[1, 0], [1, 1]])
})

test('files of one moment are numbered as the visits were made', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  const subjects: string[] = []
  for (let visit = 0; visit < 6; visit++) {
    const known = new Set(subjects)
    await visitWith(`photo ${visit}`)
    subjects.push(...(await withUser((db) => db.facts.toArray())).filter(({ kind, subject }) => kind === 'inspection.submitted' && !known.has(subject)).map(({ subject }) => subject))
  }
  const batches = (await parts()).map(({ batch }) => batch)
  const facts = await withUser((db) => db.facts.toArray())
  expect(subjects.map((subject) => facts.find((fact) => fact.subject === subject && fact.kind === 'inspection.submitted')?.batch)).toEqual(batches)
  vi.useRealTimers()
})

// ---- the same bytes in both languages ------------------------------------------------------------

interface Vector {
  why: string
  station: string
  private_key: JsonWebKey
  file: string
  lines: string[]
  photos: string[]
}

test('a file of this phone, kept for pytest to read as well, opens to what was put in', async () => {
  if (process.env['GI_WRITE_VECTORS']) await writeVector()
  const vector = JSON.parse(readFileSync(VECTOR, 'utf8')) as Vector
  const file = await opened(Uint8Array.from(atob(vector.file), (char) => char.charCodeAt(0)), await Rescuer.read(vector.private_key))
  expect(file.lines).toEqual(vector.lines)
  expect([...file.photos.keys()]).toEqual(vector.photos)
})

async function writeVector(): Promise<void> {
  await visitWith('one', 'two')
  const bytes = await bytesOf((await parts())[0]!)
  const file = await opened(bytes, rescuer.privateKey)
  const why = 'A file made by the phone (GI_WRITE_VECTORS=1 vitest run src/data/rescue.test.ts): both languages open it to the same lines and photos.'
  const vector: Vector = { why, station: STATION, private_key: await rescuer.jwk(), file: base64(bytes), lines: file.lines, photos: [...file.photos.keys()] }
  writeFileSync(VECTOR, `${JSON.stringify(vector, null, 2)}\n`)
}
