import { beforeEach, expect, test, vi } from 'vitest'
import { ANA, CHECKLIST, ENROLMENT, SITE, STATION, enrolledPhone, killBrowser, wireRow } from '../../tests/phone'
import type { FactLine } from '../contract/wire'
import { withUser } from '../db/access'
import type { FactRecord } from '../db/user'
import { sha256Hex } from '../lib/bytes'
import { correct, openDraft, openStep, recheck } from './begin'
import { createSite } from '../../tests/new_site'
import { giveFeedback } from './one_tap'
import { newHazardDraft, openDrafts, useDraft, useStep } from './drafts'
import { finishDraft } from './finish'
import { addPhoto } from './photos'
import { photosOfDraft } from './photo_store'
import { applyRows } from './applied_rows'
import { row, rowsOf } from './rows'
import type { HazardDraft, Outcome } from './types'

const HAZARD = '018f0000-0000-7000-8000-0000000000a1'

beforeEach(async () => {
  await enrolledPhone()
})

function must<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.words}`)
  return outcome.value
}

async function facts(): Promise<FactRecord[]> {
  return withUser((db) => db.facts.orderBy('n').toArray())
}

const lineOf = (record: FactRecord): FactLine => JSON.parse(record.line) as FactLine

async function visit(hazards: HazardDraft[]): Promise<string> {
  const id = must(await openDraft(SITE, CHECKLIST))
  await useDraft(id).change((draft) => {
    draft.hazards = hazards
    draft.attendance = 'signed'
    draft.on_site_name = '张建国'
  })
  return id
}

const hose = (extra: Partial<HazardDraft> = {}): HazardDraft => newHazardDraft({ item: 'LPG-13', finding: '软管长 2.3 米', measure: '换短', deadline: '2026-12-01', fix_owner: '张建国', ...extra })

test('a finished visit becomes numbered, chained facts with names only in the private line', async () => {
  const fixed = hose({ spot_fixed: true, spot_fixed_note: '当场剪短' })
  const id = await visit([fixed])
  await addPhoto({ draft: id, subject: fixed.id, role: 'before' }, new Blob(['before']))
  await addPhoto({ draft: id, subject: fixed.id, role: 'after' }, new Blob(['after']))
  await addPhoto({ draft: id, subject: id, role: 'signature' }, new Blob(['signature']))
  expect(must(await finishDraft(id))).toMatchObject({ facts: 3, photos: 3, hazards: [fixed.id] })
  const records = await facts()
  const [submitted, found, spot] = records.map(lineOf)
  expect(records.map((record) => [record.kind, record.n])).toEqual([['inspection.submitted', 1], ['hazard.found', 2], ['hazard.spot_fixed', 3]])
  expect(submitted).toMatchObject({ subject: id, station: STATION, author: ANA, enrolment: ENROLMENT, after: [], body: { site: SITE, hazards: [fixed.id], attendance: 'signed' } })
  expect(found).toMatchObject({ subject: fixed.id, after: [], body: { inspection: id, found_on: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), disposition: 'by_deadline' } })
  expect(spot?.after).toEqual([found?.id])
  expect([submitted, found, spot].map((fact) => fact?.photos.map((photo) => photo.role))).toEqual([['signature'], ['before'], ['after']])
  for (const record of records) {
    expect(record.line).not.toContain('张建国')
    expect(record.sha256).toBe(await sha256Hex(record.line))
  }
  expect(lineOf(records[0]!).private).toBe(await sha256Hex(records[0]!.private_line ?? ''))
  expect(records[1]!.private_line).toContain('张建国')
})

test('finishing is all or nothing: when the disk fails in the middle, the draft, its photos and the numbers are as before', async () => {
  const hazard = hose()
  const id = await visit([hazard])
  await addPhoto({ draft: id, subject: hazard.id, role: 'before' }, new Blob(['photo']))
  const broken = vi.spyOn(Object.getPrototypeOf(await withUser((db) => Promise.resolve(db.outbox))) as { bulkPut: () => Promise<never> }, 'bulkPut')
  broken.mockImplementation(() => Promise.reject(Object.assign(new Error('disk'), { name: 'QuotaExceededError' })))
  expect(await finishDraft(id)).toMatchObject({ ok: false, code: 'storage_full' })
  broken.mockRestore()
  killBrowser()
  expect(await facts()).toEqual([])
  expect(await openDrafts()).toHaveLength(1)
  expect(await photosOfDraft(id)).toMatchObject([{ state: 'in_draft' }])
  expect(must(await finishDraft(id))).toMatchObject({ facts: 2, photos: 1 })
  expect((await facts()).map((record) => record.n)).toEqual([1, 2])
})

test('tapping finish twice hands over one visit, not two', async () => {
  const id = await visit([hose()])
  const outcomes = await Promise.all([finishDraft(id), finishDraft(id)])
  expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1)
  expect(await facts()).toHaveLength(2)
  expect(await openDrafts()).toEqual([])
})

test('two visits finished at the same moment never share a number', async () => {
  const one = await visit([hose()])
  const other = must(await openStep('site.amended', SITE, { note: '后门常锁' }))
  await Promise.all([finishDraft(one), finishDraft(other)])
  expect((await facts()).map((record) => record.n)).toEqual([1, 2, 3])
})

test('a note and a masked number taken off a site are gone on this phone at once, and said as null', async () => {
  await applyRows({ store: 'A', rows: [wireRow('site', SITE, { name: '老王饭店', note: '后门常锁', address: '南门 3 号', owner_name: '张建国', owner_phone: '138****2210', heads: [] })], gone: [], facts: [], marks: {} })
  const id = must(await openStep('site.amended', SITE, {}))
  await useStep(id).change((draft) => { draft.fields = { note: '', owner_phone: null, address: '南门 3 号' } })
  must(await finishDraft(id))
  const [record] = await facts()
  expect(lineOf(record!).body).toEqual({ note: null })
  expect((JSON.parse(record!.private_line ?? '{}') as { fields: unknown }).fields).toEqual({ owner_phone: null })
  expect(await row('site', SITE)).toMatchObject({ note: null, owner_phone: null, address: '南门 3 号', owner_name: '张建国' })
})

test('a correction that changes nothing is refused in words and kept', async () => {
  await applyRows({ store: 'A', rows: [wireRow('site', SITE, { name: '老王饭店', note: '后门常锁', heads: [] })], gone: [], facts: [], marks: {} })
  const id = must(await openStep('site.amended', SITE, { note: '后门常锁' }))
  expect(await finishDraft(id)).toMatchObject({ ok: false, code: 'nothing_changed' })
  await useStep(id).change((draft) => { draft.fields = { name: '' } })
  expect(await finishDraft(id)).toMatchObject({ ok: false, code: 'field_required', words: expect.stringContaining('名称') as string })
  expect(await openDrafts()).toHaveLength(1)
})

test('a photo of the wrong place in a visit still travels with it', async () => {
  const hazard = hose()
  const id = await visit([hazard])
  await addPhoto({ draft: id, subject: hazard.id, role: 'after' }, new Blob(['not fixed on the spot']))
  must(await finishDraft(id))
  expect((await facts()).flatMap((record) => record.photos)).toHaveLength(1)
})

test('what is missing is said in a sentence and nothing is lost', async () => {
  const id = must(await openDraft(SITE, CHECKLIST))
  expect(await finishDraft(id)).toMatchObject({ ok: false, code: 'attendance_missing' })
  await useDraft(id).change((draft) => {
    draft.attendance = 'absent'
    draft.hazards = [newHazardDraft({})]
  })
  expect(await finishDraft(id)).toMatchObject({ ok: false, code: 'finding_missing' })
  expect(await openDrafts()).toHaveLength(1)
})

test('half an emoji cut off by a keyboard does not make the station refuse the line', async () => {
  const id = await visit([hose({ finding: '漏气\ud83d' })])
  must(await finishDraft(id))
  const line = (await facts())[1]!.line
  expect(line).not.toMatch(/\\ud83d/i)
  expect(lineOf((await facts())[1]!).body.finding).toBe('漏气\ufffd')
})

test('a phone clock three days off blocks nothing: device time and measured offset both travel', async () => {
  const DAYS_MS = 3 * 86_400_000
  await withUser((db) => db.identity.update('me', { offset_ms: DAYS_MS }))
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-24T02:00:00.000Z') })
  try {
    must(await finishDraft(await visit([hose()])))
  } finally {
    vi.useRealTimers()
  }
  const [, found] = (await facts()).map(lineOf)
  expect(found).toMatchObject({ offset_ms: DAYS_MS, at: '2026-11-24T02:00:00.000Z', body: { found_on: '2026-11-21' } })
})

test('an answer to a returned hazard names what its author had seen, so a stale page becomes a conflict and not an overwrite', async () => {
  const returned = { state: 'returned', site: SITE, finding: '软管', author: ANA, photos: [], heads: ['h1'], remarks: [{ field: 'spot', text: '几楼' }], level: 'general' }
  await applyRows({ store: 'A', rows: [wireRow('hazard', HAZARD, returned)], gone: [], facts: [], marks: {} })
  const hazard = (await row('hazard', HAZARD))!
  const step = must(await correct(hazard))
  await applyRows({ store: 'A', rows: [wireRow('hazard', HAZARD, { ...returned, heads: ['h2'] })], gone: [], facts: [], marks: {} })
  await useStep(step).change((draft) => (draft.fields = { spot: '二楼', reply: '已补' }))
  must(await finishDraft(step))
  expect(lineOf((await facts())[0]!)).toMatchObject({ kind: 'hazard.resubmitted', after: ['h1'], body: { spot: '二楼', reply: '已补' } })
  expect(await row('hazard', HAZARD)).toMatchObject({ pending: true, spot: '二楼' })
})

test('a second statement about the same hazard follows the first one made on this phone', async () => {
  await applyRows({ store: 'A', rows: [wireRow('hazard', HAZARD, { state: 'rectifying', site: SITE, finding: 'x', author: ANA, photos: [], heads: ['h1'] })], gone: [], facts: [], marks: {} })
  must(await finishDraft(must(await openStep('hazard.fix_reported', HAZARD, { fixed_on: '2026-11-20' }))))
  const again = must(await recheck(HAZARD))
  await useStep(again).change((draft) => (draft.fields.result = 'fixed'))
  must(await finishDraft(again))
  const [reported, rechecked] = (await facts()).map(lineOf)
  expect(reported?.after).toEqual(['h1'])
  expect(rechecked?.after).toEqual([reported?.id])
})

test('a new site is on the list at once, and 意见反馈 works without any signal', async () => {
  const site = await createSite({ name: '新开的面馆', place_types: ['餐饮(瓶装液化气)'], area: '018f0000-0000-7000-8000-00000000eeee', owner_phone: '13800000000' })
  must(await giveFeedback('检查表第 3 条看不懂'))
  expect((await rowsOf('site')).find((one) => one.id === site)).toMatchObject({ name: '新开的面馆', pending: true })
  const [registered, feedback] = await facts()
  expect(registered!.line).not.toContain('13800000000')
  expect(lineOf(feedback!)).toMatchObject({ kind: 'activity.recorded', body: { type: 'feedback' } })
})
