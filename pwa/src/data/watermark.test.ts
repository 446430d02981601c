// What stands under a photo on the phone: while it is in a draft, once it is this phone's own statement, and on another's row.

import { beforeEach, expect, test } from 'vitest'
import { CHECKLIST, GRID, SITE, enrolledPhone, wireRow } from '../../tests/phone'
import type { FactLine } from '../contract/wire'
import { withUser } from '../db/access'
import { openDraft } from './begin'
import { newHazardDraft, useDraft } from './drafts'
import { finishDraft } from './finish'
import { updateIdentity } from './identity'
import { photoBytes } from './photo_store'
import { addPhoto } from './photos'
import { applyRows } from './applied_rows'
import type { PhotoView } from './types'
import { toldOf, type PhotoShown } from './watermark'

const VILLAGE = '018f0000-0000-7000-8000-0000000000d1'
const BEN = '018f0000-0000-7000-8000-0000000000b2'
const THEIRS = '018f0000-0000-7000-8000-0000000000a9'
const AT = '2026-11-18T07:55:09.120Z'

beforeEach(async () => {
  await enrolledPhone()
  await applyRows({ store: 'A', gone: [], facts: [], marks: {}, rows: [
    wireRow('area', VILLAGE, { name: '幸福村', level: 'village' }), wireRow('area', GRID, { name: '第3网格', level: 'grid', parent: VILLAGE }),
    wireRow('account', BEN, { login: 'ben', name: '本' }),
    wireRow('hazard', THEIRS, {
      state: 'rectifying', site: SITE, number: 'BH-2026-00012', spot: '后厨', finding: '软管', level: 'general', author: BEN, at: AT, offset_ms: 60_000,
      where: { lat: 36.5, lon: 118.2, accuracy_m: 14, at: AT },
      photos: [{ sha256: 'aa'.repeat(32), role: 'before', fact: 'f1', at: AT, source: 'gallery' }, { sha256: 'bb'.repeat(32), role: 'after', fact: 'f2', at: '2026-11-20T02:00:00.000Z' }],
    }),
  ] })
})

const watermarkOf = async (photo: PhotoShown): Promise<string[]> => (await toldOf(photo)).lines

async function photographed(): Promise<{ draft: string; hazard: string; photo: PhotoView }> {
  const opened = await openDraft(SITE, CHECKLIST)
  if (!opened.ok) throw new Error(opened.words)
  const hazard = newHazardDraft({ item: 'LPG-13', finding: '软管长 2.3 米', spot: '灶台' })
  await useDraft(opened.value).change((draft) => { draft.hazards = [hazard]; draft.attendance = 'absent' })
  const added = await addPhoto({ draft: opened.value, subject: hazard.id, role: 'before' }, new Blob(['the hose']), 'gallery')
  if (!added.ok) throw new Error(added.words)
  return { draft: opened.value, hazard: hazard.id, photo: added.value }
}

test('before and after saving Ana reads the same lines under her photo: the time it was kept, not the time the visit ended', async () => {
  const { draft, hazard, photo } = await photographed()
  const shown = { sha256: photo.sha256, role: 'before' as const, subject: hazard }
  const before = await watermarkOf({ ...shown, draft })
  expect(before[0]).toBe('老街川味馆 · 灶台')
  expect(before[1]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d（已校时） · 从相册选$/)
  expect(before.slice(2)).toEqual(['幸福村（没有定位）', '安娜 · 幸福镇', `照片 ${photo.sha256.slice(0, 8).toUpperCase()}`])
  await new Promise((resolve) => setTimeout(resolve, 1100)) // the visit ends in another second
  expect((await finishDraft(draft)).ok).toBe(true)
  expect(await watermarkOf(shown)).toEqual(before)
})

test('a phone whose clock was never put right says so', async () => {
  await updateIdentity({ offset_ms: null })
  const { draft, hazard, photo } = await photographed()
  expect((await watermarkOf({ sha256: photo.sha256, role: 'before', subject: hazard, draft }))[1]).toContain('（手机时间未校对）')
})

test('the fact says when each photo was kept and that it was chosen; its bytes are as they came', async () => {
  const { draft, photo } = await photographed()
  expect((await finishDraft(draft)).ok).toBe(true)
  const [record] = await withUser((db) => db.facts.where('photos').equals(photo.sha256).toArray())
  const { photos } = JSON.parse(record!.line) as FactLine
  expect(photos).toEqual([{ sha256: photo.sha256, role: 'before', bytes: 8, kept_at: photo.at, source: 'gallery' }])
  expect(new TextDecoder().decode((await photoBytes(photo.sha256, 'full'))!)).toBe('the hose')
})

test("of Ben's photo the phone says what the row says, and nothing of who brought a later one", async () => {
  expect(await watermarkOf({ sha256: 'aa'.repeat(32), role: 'before', subject: THEIRS })).toEqual([
    '老街川味馆 · 后厨', '2026-11-18 15:54:09（已校时） · 从相册选', '北纬 36.50000 东经 118.20000 ±14 米（WGS-84）', '本 · 幸福镇', 'BH-2026-00012 · 照片 AAAAAAAA',
  ])
  expect(await watermarkOf({ sha256: 'bb'.repeat(32), role: 'after', subject: THEIRS })).toEqual([
    '老街川味馆 · 后厨', '2026-11-20 10:00:00', '幸福村', '幸福镇', 'BH-2026-00012 · 照片 BBBBBBBB',
  ])
})

test('photos chosen together keep the order in which they were chosen', async () => {
  const opened = await openDraft(SITE, CHECKLIST)
  if (!opened.ok) throw new Error(opened.words)
  await useDraft(opened.value).change((draft) => { draft.attendance = 'absent' })
  const slot = { draft: opened.value, subject: opened.value, role: 'scene' as const }
  const added = await Promise.all(['c', 'a', 'b', 'e', 'd'].map((text) => addPhoto(slot, new Blob([text]), 'gallery')))
  expect((await finishDraft(opened.value)).ok).toBe(true)
  const [record] = await withUser((db) => db.facts.toArray())
  expect((JSON.parse(record!.line) as FactLine).photos.map((photo) => photo.sha256)).toEqual(added.map((each) => (each.ok ? each.value.sha256 : '')))
})
