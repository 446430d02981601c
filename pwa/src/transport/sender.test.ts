import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ANA, CHECKLIST, ENROLMENT, GRID, ROWS, SITE, STATION, enrolledPhone, killBrowser, wireRow } from '../../tests/phone'
import { Station, type Mishap } from '../../tests/station'
import { visitWith } from '../../tests/visit'
import { withUser } from '../db/access'
import type { PhotoRecord } from '../db/user'
import { openDraft } from '../data/begin'
import { giveFeedback } from '../data/one_tap'
import { openDrafts } from '../data/drafts'
import { batchEnrolment, remaining, settleBatch, type BatchRecord } from '../data/handover'
import { me, updateIdentity } from '../data/identity'
import { briefs, row, rowsOf } from '../data/rows'
import { senderNow } from '../data/sender_view'
import { tidy } from '../data/storage'
import { Sender } from './sender'
import { PREVIEWS_BYTES_MAX } from './text'

const PREVIEW_BYTES = 8_000
const FRAME_BYTES = 36 // before each: its hash and its length

let station: Station
const sender = (): Sender => new Sender({ now: () => Date.now(), random: () => 0.5, setTimer: () => 0, clearTimer: () => undefined, hidden: () => false })

beforeEach(async () => {
  station = new Station(await enrolledPhone())
  await station.open()
})

afterEach(async () => {
  await station.close()
})

async function photo(): Promise<PhotoRecord> {
  return (await withUser((db) => db.photos.toArray()))[0]!
}

/** As if the station had been heard on so many more days. */
async function daysPass(days: number): Promise<void> {
  const before = (await me())?.days
  await updateIdentity({ days: { station: '', phone: '', ...before, count: (before?.count ?? 0) + days } })
}

const left = async (): Promise<[number, number]> => [(await remaining()).facts, (await remaining()).photos]
const factsSeen = (): number => station.facts.size

test('a day is handed over: one small request for the words, then the photos, each settled by a signed receipt', async () => {
  await visitWith('one', 'two')
  await sender().wake('launch')
  expect(await left()).toEqual([0, 0])
  expect(station.bodies).toHaveLength(1)
  expect((await withUser((db) => db.facts.toArray())).map((fact) => fact.state)).toEqual(['receipted', 'receipted'])
  expect((await withUser((db) => db.photos.toArray())).map((one) => one.state)).toEqual(['held', 'held'])
  expect(senderNow()).toMatchObject({ phase: 'idle', why: '', facts_left: 0, photos_left: 0 })
})

test('previews go in requests that a cut may cost: none larger than a photo, however many wait', async () => {
  const photos = 20
  await visitWith(...Array.from({ length: photos }, (_, number) => `photo ${number}`))
  await withUser(async (db) => {
    await db.thumbs.toCollection().modify((thumb) => { thumb.preview = new ArrayBuffer(PREVIEW_BYTES) })
    await db.photos.toCollection().modify({ preview_sent: false })
  })
  await sender().wake('launch')
  const sizes = station.seen.filter(({ path }) => path.includes('/sync/previews')).map(({ body }) => body.byteLength)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(photos * PREVIEW_BYTES)
  expect(Math.max(...sizes)).toBeLessThan(PREVIEWS_BYTES_MAX + photos * FRAME_BYTES)
})

test('when the reply is lost, exactly the same bytes go again and nothing is stored twice', async () => {
  await visitWith('photo')
  station.mishaps = ['drop_reply']
  await sender().wake('launch')
  expect(await left()).toEqual([2, 1])
  expect(senderNow()).toMatchObject({ phase: 'offline', why: '没有信号', facts_left: 2, photos_left: 1 })
  killBrowser()
  await giveFeedback('之后又写了一条')
  await sender().wake('manual')
  expect(station.bodies).toHaveLength(3)
  expect(station.bodies[1]).toBe(station.bodies[0])
  expect(await left()).toEqual([0, 0])
  expect(factsSeen()).toBe(3)
})

const NO_RECEIPT: [string, Mishap][] = [
  ["a hotel's log-in page that answers 200", 'portal'],
  ['a receipt with a forged signature', 'forged'],
  ['a receipt for another manifest', 'foreign_manifest'],
  ['a busy station', 'busy'],
]
test.each(NO_RECEIPT)('%s releases nothing', async (_, mishap) => {
  await visitWith('photo')
  station.always = mishap
  await sender().wake('launch')
  expect(await left()).toEqual([2, 1])
  expect((await withUser((db) => db.receipts.count()))).toBe(0)
  expect(senderNow().next_try_at).not.toBeNull()
  expect(senderNow()).toMatchObject({ why: expect.stringMatching(/^[^。]{4,}$/), facts_left: 2 })
  station.always = null
  await sender().wake('manual')
  expect(await left()).toEqual([0, 0])
})

test('a network that wants a log-in is named as such', async () => {
  await visitWith()
  station.always = 'portal'
  await sender().wake('launch')
  expect(senderNow()).toMatchObject({ phase: 'offline', why: expect.stringContaining('需要登录的网络') })
})

test('the station says when to come back, and the phone does not come earlier', async () => {
  await visitWith()
  station.mishaps = ['busy']
  station.retryAfter = 600
  const before = Date.now()
  await sender().wake('launch')
  expect(Date.parse(senderNow().next_try_at ?? '')).toBeGreaterThanOrEqual(before + 600_000)
})

test('one fact the station cannot read is set aside with a sentence; the other forty-nine arrive', async () => {
  for (let i = 0; i < 49; i++) await giveFeedback(`第 ${i} 条`)
  await giveFeedback('坏的一条')
  station.always = 'refuse_one'
  await sender().wake('launch')
  expect(factsSeen()).toBe(49)
  const parked = (await withUser((db) => db.facts.toArray())).filter((fact) => fact.parked !== null)
  expect(parked).toHaveLength(1)
  expect(parked[0]?.line).toContain('坏的一条')
})

test('what the station quarantines stays visible on the phone with a sentence', async () => {
  await visitWith()
  station.verdicts.set('hazard.found', 'quarantined:missing_role')
  await sender().wake('launch')
  expect(await left()).toEqual([0, 0])
  expect((await rowsOf('hazard'))[0]).toMatchObject({ finding: '软管长 2.3 米', pending: true })
})

test('once the admin lets a fact out of quarantine, the phone shows the row of the station again', async () => {
  await visitWith()
  station.verdicts.set('hazard.found', 'quarantined:missing_role')
  await sender().wake('launch')
  const fact = (await withUser((db) => db.facts.toArray())).find((one) => one.kind === 'hazard.found')!
  const admitted = JSON.stringify({ id: 'a', kind: 'ledger.admitted', subject: fact.subject, body: { fact_sha256: fact.sha256 } })
  station.news = [{ i: 9, verdict: 'admitted', line: admitted }]
  station.rows = [wireRow('hazard', fact.subject, { site: SITE, state: 'submitted', finding: '软管长 2.3 米', author: ANA, photos: [] })]
  await sender().wake('visible')
  expect((await row('hazard', fact.subject))?.pending).toBeUndefined()
})

test('a photo cut in the middle goes on where the station says, without sending a byte again', async () => {
  const bytes = 'x'.repeat(700 * 1024)
  await visitWith(bytes)
  station.mishaps = ['cut']
  await sender().wake('launch')
  expect(senderNow()).toMatchObject({ phase: 'offline', cuts: 1 })
  killBrowser()
  await sender().wake('manual')
  expect((await photo()).state).toBe('held')
  const sent = station.seen.filter(({ method }) => method === 'PATCH').reduce((sum, { body }) => sum + body.length, 0)
  expect(sent).toBe(bytes.length)
})

test('a photo the station heard wrong is sent again from the start, and set aside after the third time without stopping the others', async () => {
  await visitWith('first', 'second')
  // once whole and three times in parts, for each of the two
  station.mishaps = Array.from({ length: 8 }, () => 'wrong_hash')
  await sender().wake('launch')
  const photos = await withUser((db) => db.photos.toArray())
  expect(photos.map((one) => one.state)).toEqual(['parked', 'parked'])
  expect(photos.every((one) => one.words !== null && !one.body_gone)).toBe(true)
  expect(await withUser((db) => db.photoBodies.count())).toBe(2)
})

test('an answer that a photo arrived counts only with a good signature', async () => {
  await visitWith('photo')
  station.mishaps = ['forged_photo']
  await sender().wake('launch')
  expect((await photo()).state).toBe('waiting')
  expect(await withUser((db) => db.photoBodies.count())).toBe(1) // a 200 alone takes no bytes away
  await sender().wake('manual')
  expect((await photo()).state).toBe('held')
})

test('a small photo travels whole and alone: its address is its hash, and the receipt is signed over the same text as ever', async () => {
  await visitWith('photo')
  await sender().wake('launch')
  const [sent, ...more] = station.seen.filter(({ method }) => method === 'PUT' || method === 'PATCH')
  expect(more).toEqual([])
  expect(sent?.path).toContain((await photo()).sha256)
  const own = Object.keys(sent?.headers ?? {}).filter((name) => name.startsWith('upload-') || name.startsWith('content-'))
  expect(own).toEqual(['content-length'])
  const { state, receipt, bytes, sha256 } = await photo()
  expect(state).toBe('held')
  expect(JSON.parse(receipt ?? '')).toMatchObject({ photo: sha256, bytes, condition: 'ok' })
})

test('a station of an older release gets the photo in parts', async () => {
  await visitWith('photo')
  station.mishaps = ['no_whole_photos']
  await sender().wake('launch')
  expect((await photo()).state).toBe('held')
  expect(station.seen.map(({ method }) => method).filter((method) => method !== 'GET' && method !== 'POST')).toEqual(['PUT', 'PATCH'])
})

test('a station that tells the offset wrong for ever does not keep the phone busy for ever', async () => {
  await visitWith('x'.repeat(300 * 1024))
  station.always = 'lie_offset'
  await sender().wake('launch')
  expect((await photo()).state).toBe('waiting')
  expect(senderNow().next_try_at).not.toBeNull()
})

test('a photo whose bytes vanished from the phone is declared missing, so that nobody waits for it', async () => {
  await visitWith('photo')
  await withUser((db) => db.photoBodies.clear())
  await sender().wake('launch')
  expect([...station.facts.values()].some((line) => line.includes('"kind":"photo.lost"'))).toBe(true)
  expect(await left()).toEqual([0, 0])
})

test('a photo that only the browser threw away is not missing: a restored station is asked before anything is said', async () => {
  await visitWith('photo')
  await sender().wake('launch')
  await withUser((db) => db.photoBodies.clear())
  station.epoch = 2
  await sender().wake('visible')
  expect((await photo()).state).toBe('held')
  expect(factsSeen()).toBe(2)
})

test('two open pages have one sender: the words travel once', async () => {
  await visitWith('photo')
  await Promise.all([sender().wake('launch'), sender().wake('launch')])
  expect(station.bodies).toHaveLength(1)
  expect(station.seen.filter(({ method }) => method === 'PUT' || method === 'PATCH')).toHaveLength(1)
})

test('nothing is forgotten before the receipt, and facts not before thirty days after it', async () => {
  await visitWith('photo')
  await daysPass(999)
  await tidy()
  expect(await withUser((db) => Promise.all([db.facts.count(), db.photoBodies.count()]))).toEqual([2, 1])
  await sender().wake('launch')
  await daysPass(29)
  await tidy()
  expect(await withUser((db) => Promise.all([db.facts.count(), db.photoBodies.count()]))).toEqual([2, 1])
  // the backup began before the photo came: it has the fact and not the photo
  await withUser((db) => db.identity.update('me', { backed_up_to: 2, backed_up_at: '2020-01-01T00:00:00.000Z' }))
  await daysPass(2)
  await tidy()
  expect(await withUser((db) => db.photoBodies.count())).toBe(1)
  await withUser((db) => db.identity.update('me', { backed_up_at: '2999-01-01T00:00:00.000Z' }))
  await tidy()
  expect(await withUser((db) => Promise.all([db.facts.count(), db.photoBodies.count()]))).toEqual([0, 0])
})

test('an expired sign-in stops the handing over and nothing else; a new enrolment goes on', async () => {
  await visitWith()
  station.mishaps = ['unauthorized']
  await sender().wake('launch')
  expect(senderNow()).toMatchObject({ phase: 'blocked', problem: { code: 'signed_out', words: expect.stringContaining('都还在') } })
  expect((await giveFeedback('照样能写')).ok).toBe(true)
  await sender().wake('manual')
  expect(await left()).toEqual([0, 0])
})

test('an expired sign-in is noticed also when only photos are left', async () => {
  await visitWith('photo')
  station.mishaps = ['cut']
  await sender().wake('launch')
  expect(await left()).toEqual([0, 1])
  station.always = 'unauthorized'
  await sender().wake('visible')
  expect(senderNow()).toMatchObject({ phase: 'blocked', problem: { code: 'signed_out' } })
  expect(await left()).toEqual([0, 1])
})

test('when what she may see changes, Ana gets the new rows and keeps everything of her own', async () => {
  await visitWith('photo')
  await openDraft(SITE, CHECKLIST)
  station.mishaps = ['busy', 'scope_changed']
  station.always = 'refuse_one'
  station.refusedWord = 'hazard.found'
  station.rows = [wireRow('area', GRID, { name: '第4网格' })]
  await sender().wake('launch')
  await sender().wake('manual')
  expect((await row('area', GRID))?.name).toBe('第4网格')
  expect(await row('site', SITE)).toBeNull()
  expect(await openDrafts()).toHaveLength(1)
  expect((await withUser((db) => db.facts.toArray())).some((fact) => fact.parked !== null)).toBe(true)
  expect(await withUser((db) => db.photoBodies.count())).toBe(1)
})

test('after the station was restored from a backup, the phone hands over again what it lacks', async () => {
  await visitWith('photo')
  await sender().wake('launch')
  expect(factsSeen()).toBe(2)
  station.facts.clear()
  station.photos.clear()
  station.receipts.clear()
  station.n_received = 0
  station.epoch = 2
  await sender().wake('visible')
  expect(factsSeen()).toBe(2)
  expect([...station.photos.values()].map((one) => one.held)).toEqual([true])
  expect(await left()).toEqual([0, 0])
})

test('a photo that waits when the station is restored is not left aside: it follows its record, handed over again', async () => {
  await visitWith('x'.repeat(700 * 1024))
  station.mishaps = ['cut']
  await sender().wake('launch')
  for (const lost of [station.facts, station.photos, station.receipts]) lost.clear()
  station.n_received = 0
  station.epoch = 2
  await sender().wake('visible')
  expect(factsSeen()).toBe(2)
  expect((await photo()).state).toBe('held')
  expect(await left()).toEqual([0, 0])
})

test('a photo set aside because its record was not known goes on with the receipt of its record', async () => {
  await visitWith('photo')
  await withUser((db) => db.photos.toCollection().modify({ state: 'parked', words: '站里还不认得这张照片' }))
  await sender().wake('launch')
  expect(await photo()).toMatchObject({ state: 'held', words: null })
})

test('a revoked phone, refused its rows, hands over again what a restored station lacks', async () => {
  station.rows = ROWS
  await visitWith('photo')
  await sender().wake('launch')
  await openDraft(SITE, CHECKLIST) // something is begun: nothing leaves the phone (data/leaving.ts)
  station.revoked = true
  await sender().wake('visible')
  expect(senderNow().problem?.code).toBe('revoked')
  for (const lost of [station.facts, station.photos, station.receipts]) lost.clear()
  station.n_received = 0
  station.epoch = 2
  await sender().wake('visible')
  expect(factsSeen()).toBe(2)
  expect([...station.photos.values()].map((one) => one.held)).toEqual([true])
  expect(await left()).toEqual([0, 0])
  expect(senderNow()).toMatchObject({ phase: 'idle', problem: { code: 'revoked' } })
  // and it is done once: the new epoch is known now, the rows it had are still there
  const batches = station.bodies.length
  await sender().wake('visible')
  expect(station.bodies.length).toBe(batches)
  expect(await row('site', SITE)).not.toBeNull()
})

test('a number met twice asks for a new enrolment once, not again when a restored station gets the old facts anew', async () => {
  await giveFeedback('一')
  station.verdicts.set('activity.recorded', 'admitted:number_reused,outside_area')
  await sender().wake('launch')
  expect((await me())?.number_reused).toBe(true)
  // enrolled anew since
  await updateIdentity({ enrolment: ENROLMENT.replace('cccc', 'c1c1'), number_reused: false })
  const [fact] = await withUser((db) => db.facts.toArray())
  const batch = { id: 'b', state: 'prepared' as const, created_at: '', manifest: 'm', facts: [fact!.id], body: `{"enrolment":"${ENROLMENT.replace('cccc', 'c1c1')}"}\n` }
  await settled(batch)
  expect((await me())?.number_reused).toBe(false)
  expect((await withUser((db) => db.facts.toArray()))[0]?.verdict).toContain('number_reused')
})

async function settled(batch: BatchRecord): Promise<void> {
  const receipt = JSON.stringify({
    batch: batch.id, station: STATION, enrolment: batchEnrolment(batch), manifest: batch.manifest, count: 1, exceptions: [[0, 'admitted:number_reused']],
    time: new Date().toISOString(), epoch: 1, log: { size: 1, root: '0'.repeat(64) }, backed_up_to: 0, backoff_s: 0,
  })
  const signature = await station.key.sign(`grid-inspector/receipt/1\n${receipt}`)
  expect(await settleBatch(batch, { receipt, signature, photos: { held: [], partial: [] }, revoked: false } as never)).toMatchObject({ ok: true })
}

test('every batch says of which log its cursor is', async () => {
  await giveFeedback('一')
  await updateIdentity({ epoch: 7 })
  station.epoch = 7
  await sender().wake('launch')
  expect(JSON.parse(station.bodies[0]!.split('\n')[0]!)).toMatchObject({ epoch: 7 })
})

test('a photo the station lost goes again from the phone that still has it', async () => {
  await visitWith('one', 'two')
  await sender().wake('launch')
  const [hash, other] = [...station.photos.keys()]
  const [fact] = [...station.facts.values()].map((line) => JSON.parse(line) as { id: string; subject: string; photos: object[] }).filter((each) => each.photos.length > 0)
  station.photos.set(hash!, { bytes: Buffer.alloc(0), held: false, declared: 3 })
  station.photosWanted = [hash!, '0'.repeat(64)].map((sha256) => ({ sha256, subject: fact!.subject, fact: fact!.id }))
  const puts = (sha256: string): number => station.seen.filter(({ method, path }) => method === 'PUT' && path.includes(sha256)).length
  for (let round = 0; round < 3; round++) await sender().wake('visible')
  expect(station.photos.get(hash!)?.held).toBe(true)
  expect(await left()).toEqual([0, 0])
  expect(puts(other!)).toBe(1)
  expect(puts(hash!)).toBeLessThanOrEqual(3) // although this station asks for ever
})

test('a photo the station lost and the phone has cleared is told to be gone, once', async () => {
  await visitWith('three')
  await sender().wake('launch')
  const { sha256 } = await photo()
  const fact = (await withUser((db) => db.facts.toArray())).find((each) => each.photos.length > 0)!
  await withUser((db) => Promise.all([db.photoBodies.delete(sha256), db.photos.update(sha256, { body_gone: true }), db.facts.clear()]))
  station.photosWanted = [{ sha256, subject: fact.subject, fact: fact.id }]
  for (let round = 0; round < 3; round++) await sender().wake('visible')
  const told = [...station.facts.values()].map((line) => JSON.parse(line) as { kind: string; subject: string; body: { sha256: string } }).filter(({ kind }) => kind === 'photo.lost')
  expect(told).toMatchObject([{ subject: fact.subject, body: { sha256 } }])
  expect((await photo()).state).toBe('lost')
})

test('a log that was rewritten at the station is noticed by the phone', async () => {
  await giveFeedback('一')
  await giveFeedback('二')
  await sender().wake('launch')
  station.facts.clear()
  await sender().wake('visible')
  expect(senderNow().problem).toMatchObject({ code: 'log_doubt', words: expect.stringContaining('对不上') })
})

test('every answer tells the phone how far its clock is off', async () => {
  await visitWith()
  const spy = vi.spyOn(Date, 'now').mockImplementation(() => new Date().getTime() + 3 * 86_400_000)
  await sender().wake('launch')
  spy.mockRestore()
  const offset = (await withUser((db) => db.identity.get('me')))?.offset_ms ?? 0
  expect(Math.abs(offset - 3 * 86_400_000)).toBeLessThan(5000)
})

test('a batch prepared before a new enrolment is packed anew; its facts keep their own words', async () => {
  await visitWith()
  station.mishaps = ['busy']
  await sender().wake('launch')
  const lines = (await withUser((db) => db.facts.toArray())).map((fact) => fact.line)
  await withUser((db) => db.identity.update('me', { enrolment: ENROLMENT.replace('cccc', 'c0c0') }))
  await sender().wake('manual') // the fake station's receipt names the old enrolment: nothing may be released on it
  expect(station.bodies[0]).toContain('c0c0')
  expect((await withUser((db) => db.facts.toArray())).map((fact) => fact.line)).toEqual(lines)
  expect((await left())[0]).toBe(2)
})

test('rows the station sends are there with the next look, own unsent facts on top until they are covered', async () => {
  const id = await visitWith()
  expect(await row('inspection', id)).toMatchObject({ pending: true, site: SITE })
  station.rows = [wireRow('inspection', id, { site: SITE, state: 'accepted', author: ANA, photos: [], hazards: [], answers: [], day: '2026-11-21', started_at: 'x' })]
  await sender().wake('launch')
  const seen = await row('inspection', id)
  expect([seen?.state, seen?.pending]).toEqual(['accepted', undefined])
  expect(await briefs('inspection')).toMatchObject([{ id, site: SITE }])
})

test('a phone that was enrolled anew fetches its rows anew: its old cursor may have passed what only the new enrolment sees', async () => {
  await sender().wake('launch')
  await sender().wake('manual')
  const snapshots = (): number => station.seen.filter(({ path }) => path.includes('/sync/snapshot')).length
  expect(snapshots()).toBe(1)
  await withUser((db) => db.identity.update('me', { enrolment: ENROLMENT.replace('cccc', 'c0c0') }))
  await sender().wake('manual')
  await sender().wake('manual')
  expect(snapshots()).toBe(2)
})
