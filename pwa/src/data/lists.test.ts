import { beforeEach, expect, test, vi } from 'vitest'
import type { WireRow } from '../contract/wire'
import { ANA, CHECKLIST, GRID, ROWS, SITE, enrolledPhone, wireRow } from '../../tests/phone'
import { withUser } from '../db/access'
import type { FactRecord, PhotoRecord } from '../db/user'
import { correct, openDraft } from './begin'
import { createSite } from '../../tests/new_site'
import { useDraft, useStep } from './drafts'
import { finishDraft } from './finish'
import type { Loaded } from './loaded'
import { useOutbox } from './outbox'
import { markRead, useReturned } from './returned'
import { applyRows } from './applied_rows'
import { row } from './rows'
import { lastInspection, searchSites, useSite } from './sites'
import { needsRecheck, useToday } from './today'

const OTHER_GRID = GRID.replace('eeee', 'e1e1')
const VILLAGE = GRID.replace('eeee', 'e0e0')
const SHOP = SITE.replace('dddd', 'd1d1')
const ELSEWHERE = SITE.replace('dddd', 'd2d2')
const HAZARD = SITE.replace('dddd', 'a1a1')
const INSPECTION = SITE.replace('dddd', 'b2b2')
const DAY = '2026-11-21'

beforeEach(async () => {
  await enrolledPhone()
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(`${DAY}T02:00:00.000Z`) })
  await applyRows({
    store: 'A', gone: [], facts: [], marks: { as_of: `${DAY}T01:00:00.000Z` },
    rows: [
      ...ROWS,
      wireRow('area', VILLAGE, { name: '幸福村', level: 'village' }),
      wireRow('area', GRID, { name: '第3网格', level: 'grid', parent: VILLAGE }),
      wireRow('site', SHOP, { state: 'active', name: '福兴五金店', place_types: ['九小场所'], area: GRID, grade: 'C', initials: 'fxwjd', registered_at: '2026-11-20T00:00:00.000Z' }),
      wireRow('site', ELSEWHERE, { state: 'active', name: '外村的店', place_types: [], area: OTHER_GRID, grade: 'A', registered_at: '2025-01-05T00:00:00.000Z' }),
      wireRow('inspection', INSPECTION, { site: SITE, state: 'accepted', day: '2026-10-10', started_at: '2026-10-10T01:00:00.000Z', checklist: CHECKLIST, author: ANA, answers: [{ item: 'LPG-02', value: 40 }], hazards: [], photos: [] }),
      wireRow('hazard', HAZARD, { site: SHOP, state: 'confirmed_general', finding: '楼梯口堵了', deadline: '2026-11-19', found_on: '2026-11-01', level: 'general', author: ANA, photos: [] }),
    ],
  })
  return () => vi.useRealTimers()
})

async function read<T>(list: Loaded<T>): Promise<T> {
  await vi.waitFor(() => expect(list.ready.value).toBe(true))
  await list.reload()
  if (list.value.value === null) throw new Error(list.trouble.value ?? 'nothing')
  return list.value.value
}

test("Ana's list says which of her own sites are due and why, the most pressing first", async () => {
  const today = await read(useToday())
  expect(today.items.map((item) => [item.site.name, item.reasons.map((reason) => reason.code)])).toEqual([
    ['福兴五金店', ['recheck_overdue', 'never']],
    ['老街川味馆', ['due']],
  ])
  expect(today.items[0]?.area_name).toBe('幸福村 · 第3网格')
  expect(today.items[0]).toMatchObject({ rechecks: 1, open_hazards: 1, reasons: [{ words: '1 条隐患过了期限，要复查' }, {}] })
  expect(today.day).toBe(DAY)
})

test('a site she has just inspected without signal leaves the list at once', async () => {
  const opened = await openDraft(SITE, CHECKLIST)
  if (!opened.ok) throw new Error(opened.words)
  expect((await read(useToday())).items.find((item) => item.site.id === SITE)?.draft).toBe(opened.value)
  await useDraft(opened.value).change((draft) => (draft.attendance = 'absent'))
  await finishDraft(opened.value)
  expect((await read(useToday())).items.find((item) => item.site.id === SITE)).toBeUndefined()
})

test('an inspector whose grids hold no site is not told that she has been everywhere', async () => {
  expect((await read(useToday())).sites).toBeGreaterThan(0)
  await withUser((db) => db.identity.update('me', { areas: ['an-empty-grid'] }))
  expect(await read(useToday())).toMatchObject({ items: [], sites: 0 })
})

const CAMPAIGN = { name: '冬季燃气专项', from: '2026-11-01', to: '2026-12-20', place_types: ['餐饮(瓶装液化气)'], areas: [VILLAGE] }
const campaign = (id: string, value: object | null): WireRow => wireRow('setting', `s-${id}`, { name: `campaign:${id}`, value })
const reasonsOf = async (site: string): Promise<string[]> => (await read(useToday())).items.find((item) => item.site.id === site)?.reasons.map((reason) => `${reason.code} ${reason.words}`) ?? []

test('a campaign brings the places it is about, and only a visit in its days, with its checklist, takes them off again', async () => {
  await applyRows({ store: 'A', gone: [], facts: [], marks: {}, rows: [campaign('1', CAMPAIGN), campaign('2', { ...CAMPAIGN, name: '过去的', to: '2026-11-20' }), campaign('3', { ...CAMPAIGN, name: '别村的', areas: [OTHER_GRID] }), campaign('4', null)] })
  expect(await reasonsOf(SITE)).toEqual(['campaign 冬季燃气专项，剩 29 天', 'due A级，本月还没查'])
  expect((await reasonsOf(SHOP)).join()).not.toContain('专项') // another kind of place
  await applyRows({ store: 'A', gone: [], facts: [], marks: {}, rows: [campaign('1', { ...CAMPAIGN, to: DAY, checklist: 'cl-other' })] })
  const opened = await openDraft(SITE, CHECKLIST)
  if (!opened.ok) throw new Error(opened.words)
  await useDraft(opened.value).change((draft) => (draft.attendance = 'absent'))
  await finishDraft(opened.value)
  expect(await reasonsOf(SITE)).toEqual(['campaign_soon 冬季燃气专项，今天最后一天']) // visited today, with another checklist
  await applyRows({ store: 'A', gone: [], facts: [], marks: {}, rows: [campaign('1', { ...CAMPAIGN, to: DAY, checklist: CHECKLIST })] })
  expect(await reasonsOf(SITE)).toEqual([])
})

test('a site that changed hands asks for a visit until somebody has been there', async () => {
  const site = (changed_hands_on: string): WireRow => ({ ...ROWS[1]!, row: { ...ROWS[1]!.row, changed_hands_on } as WireRow['row'] })
  await applyRows({ store: 'A', gone: [], facts: [], marks: {}, rows: [site('2026-11-02')] })
  expect((await reasonsOf(SITE)).at(-1)).toBe('changed 换了名称或负责人')
  await applyRows({ store: 'A', gone: [], facts: [], marks: {}, rows: [site('2026-10-10')] }) // she was there that day
  expect(await reasonsOf(SITE)).toEqual(['due A级，本月还没查'])
})

test('a wrong phone clock does not move the list: it follows the station', async () => {
  await withUser((db) => db.identity.update('me', { offset_ms: 40 * 86_400_000 }))
  vi.setSystemTime(new Date('2026-12-31T02:00:00.000Z'))
  expect((await read(useToday())).day).toBe(DAY)
})

test('what is being put right is rechecked near its deadline; what is fixed and checked waits for the chief', async () => {
  const hazard = (await row('hazard', HAZARD))!
  expect(needsRecheck({ ...hazard, deadline: '2026-12-20' }, DAY)).toBe(false)
  expect(needsRecheck({ ...hazard, deadline: '2026-11-24' }, DAY)).toBe(true)
  expect(needsRecheck({ ...hazard, state: 'fix_pending', deadline: '2026-12-20' }, DAY)).toBe(true)
  expect(needsRecheck({ ...hazard, state: 'fix_pending', recheck_result: 'fixed' }, DAY)).toBe(false)
})

test('a site is found by its name, its pinyin initials or its village, and a new one at once', async () => {
  const found = async (text: string): Promise<string[]> => (await searchSites(text)).map((hit) => hit.site.name)
  expect(await found('川味')).toEqual(['老街川味馆'])
  expect(await found('fxw')).toEqual(['福兴五金店'])
  expect(await found('LJCWG')).toEqual(['老街川味馆'])
  expect((await found('幸福村')).sort()).toEqual(['福兴五金店', '老街川味馆'].sort())
  expect(await found('没有这家')).toEqual([])
  // by sound as the station spelled it, what begins with the words before what only holds them
  expect(await found('')).toEqual(['福兴五金店', '老街川味馆', '外村的店'])
  expect(await found('店')).toEqual(['福兴五金店', '外村的店'])
  await createSite({ name: '新开的面馆', place_types: ['餐饮(瓶装液化气)'], area: GRID })
  expect(await searchSites('面馆')).toMatchObject([{ pending: true }])
})

test('a site shows its history, its open hazards and the checklists that suit it', async () => {
  const shop = await read(useSite(SHOP))
  expect(shop).toMatchObject({ open_hazards: [{ hazard: { finding: '楼梯口堵了' } }], closed_hazards: [], checklists: [{ suits: false }] })
  const restaurant = await read(useSite(SITE))
  expect(restaurant).toMatchObject({ inspections: [{ checklist_title: '餐饮燃气' }], checklists: [{ id: CHECKLIST, suits: true, items: 2 }] })
  expect((await lastInspection(SITE, CHECKLIST))?.answers[0]?.value).toBe(40)
})

test("the chief's words wait beside the field, unread until opened, and show as answered while the answer is still on the phone", async () => {
  const returned = { site: SHOP, state: 'returned', finding: '楼梯口堵了', author: ANA, level: 'general', photos: [], heads: ['h9'], remarks: [{ field: 'spot', text: '二楼楼梯口还是后门' }] }
  await applyRows({ store: 'A', rows: [wireRow('hazard', HAZARD, returned)], gone: [], facts: [], marks: {} })
  expect(await read(useReturned())).toMatchObject([{ site_name: '福兴五金店', unread: true, answered: false, remarks: [{ field: 'spot', text: '二楼楼梯口还是后门' }] }])
  await markRead(HAZARD)
  expect(await read(useReturned())).toMatchObject([{ unread: false }])
  const step = await correct((await row('hazard', HAZARD))!)
  if (!step.ok) throw new Error(step.words)
  await useStep(step.value).change((draft) => { draft.fields = { spot: '二楼楼梯口' } })
  await finishDraft(step.value)
  expect(await read(useReturned())).toMatchObject([{ answered: true }])
})

test('the outbox says in one sentence where the work is', async () => {
  expect((await read(useOutbox())).figures.words).toBe('都已上交，站里已收到')
  const opened = await openDraft(SITE, CHECKLIST)
  if (!opened.ok) throw new Error(opened.words)
  await useDraft(opened.value).change((draft) => (draft.attendance = 'absent'))
  await finishDraft(opened.value)
  expect(await read(useOutbox())).toMatchObject({ figures: { words: '1 份检查只在这部手机里', facts: 1 }, items: [{ title: '老街川味馆', state: 'unsent' }] })
})

test('a subject that left her scope is gone from the lists', async () => {
  await applyRows({ store: 'A', rows: [], gone: [SHOP], facts: [], marks: {} })
  expect(await row('site', SHOP)).toBeNull()
})

test('a photo that waits for days is waiting, also when the words of its visit have long arrived', async () => {
  const at = '2026-11-18T01:00:00.000Z'
  await withUser((db) => db.facts.put({ id: 'f', kind: 'hazard.found', subject: 's', photos: ['ab'.repeat(32)], state: 'receipted', at, n: 1, title: '', enrolment: 'e' } as FactRecord))
  await withUser((db) => db.photos.put({ sha256: 'ab'.repeat(32), bytes: 3, state: 'waiting', body_gone: false, at, hash_failures: 0, log_size: 4 } as PhotoRecord))
  await withUser((db) => db.outbox.put({ key: 'photo:x', kind: 'photo', ref: 'ab'.repeat(32), created_at: at }))
  const { figures } = await read(useOutbox())
  expect([figures.photos, figures.oldest_at]).toEqual([1, at])
})
