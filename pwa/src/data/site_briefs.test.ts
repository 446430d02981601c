// What lists read in the place of rows is never anything else than the rows say, whatever came in which order, and is made anew when it may not be.

import { beforeEach, expect, test, vi } from 'vitest'
import { ANA, CHECKLIST, GRID, ROWS, SITE, enrolledPhone, failure, wireRow } from '../../tests/phone'
import { Chance } from '../../tests/worlds/chance'
import type { HazardState, WireRow } from '../contract/wire'
import { withCache } from '../db/access'
import type { BriefRow } from '../db/cache'
import { applyRows, clearedIdleStore } from './applied_rows'
import { recheck } from './begin'
import { useStep } from './drafts'
import { finishDraft } from './finish'
import { overview } from './overview'
import { readMarks, type CacheMarks } from './rows'
import { changed } from './signal'
import { briefSites, madeBriefs } from './site_brief_maker'
import { sitesIn, stampOf } from './site_briefs'
import { useToday } from './today'

vi.hoisted(() => { Object.assign(globalThis, { BroadcastChannel: undefined }) })

const STATES: HazardState[] = ['submitted', 'confirmed_general', 'rectifying', 'fix_pending', 'returned', 'closed', 'void']
const idOf = (kind: string, number: number): string => `018f0000-0000-7000-8000-${kind}${String(number).padStart(8, '0')}`
const site = (number: number, name = '北河小吃店'): WireRow => wireRow('site', idOf('aaaa', number), { state: 'active', name, place_types: ['小商店'], area: GRID, grade: 'B', registered_at: '2026-01-05T00:00:00.000Z' })
const hazard = (number: number, of: number, state: HazardState, deadline = '2026-11-20'): WireRow =>
  wireRow('hazard', idOf('cccc', number), { site: idOf('aaaa', of), state, finding: '堵', deadline, found_on: '2026-10-10', level: 'general', author: ANA, photos: [] })
const visit = (number: number, of: number, day: string, state = 'accepted'): WireRow =>
  wireRow('inspection', idOf('bbbb', number), { site: idOf('aaaa', of), state, day, started_at: `${day}T01:00:00.000Z`, checklist: CHECKLIST, author: ANA, answers: [], hazards: [], photos: [] })
let pages = 0
const page = (rows: WireRow[], gone: string[] = [], marks: Partial<CacheMarks> = {}): Promise<void> =>
  applyRows({ store: 'A', rows, gone, facts: [], marks: { as_of: `2026-11-21T00:00:00.${String(++pages).padStart(3, '0')}Z`, ...marks } })

beforeEach(async () => {
  await enrolledPhone()
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-21T02:00:00.000Z') })
  return () => vi.useRealTimers()
})

const trusted = async (): Promise<boolean> => withCache(readMarks).then((marks) => marks.briefed === stampOf(marks))
const sorted = (briefs: readonly BriefRow[]): unknown[] =>
  sitesIn(briefs).map((known) => ({ ...known, open: known.open.sort((a, b) => (a.id < b.id ? -1 : 1)) })).sort((a, b) => (a.site.id < b.site.id ? -1 : 1))
const stored = async (): Promise<unknown[]> => withCache(async (db) => sorted(await db.briefsA.where('[type+id]').between(['site', ''], ['site', '\uffff']).toArray()))
/** What 今天 says of each site, the first word of each reason. */
const listed = async (): Promise<{ [name: string]: string[] }> => {
  const today = useToday()
  await today.reload()
  return Object.fromEntries((today.value.value?.items ?? []).map((item) => [item.site.name, item.reasons.map(({ code }) => code)]))
}

test.each([1, 2, 3])('page after page the briefs say what the rows say, world %i', async (seed) => {
  const chance = new Chance(`briefs ${seed}`)
  await page(Array.from({ length: 80 }, (_, number) => site(number)))
  await briefSites()
  for (let round = 0; round < 12; round++) {
    const any = (count: number): number => chance.int(count)
    const rows = Array.from({ length: round === 6 ? 200 : 12 }, () => {
      const of = any(80)
      return [site(of, `北河小吃店 ${any(9)}`), hazard(any(60), of, STATES[any(STATES.length)] ?? 'closed'), visit(any(60), of, `2026-0${1 + any(9)}-11`, any(4) ? 'accepted' : 'void')][any(3)] as WireRow
    })
    await page([...new Map(rows.map((row) => [row.id, row])).values()], [idOf('aaaa', any(80)), idOf('bbbb', any(60)), idOf('cccc', any(60))])
    expect(await trusted()).toBe(true)
    expect(await stored()).toEqual(sorted(await madeBriefs()))
  }
})

test('a row whose first fact has not arrived knows no site, and keeps no page from being stored; with its fact it takes its place', async () => {
  await page([site(1, '老李粮油')])
  await briefSites()
  const orphan = (type: 'hazard' | 'inspection', id: string): WireRow => wireRow(type, id, { state: 'incomplete', incomplete: true, site: null, photos: [], answers: null, hazards: [] })
  await page([orphan('hazard', idOf('cccc', 1)), orphan('inspection', idOf('bbbb', 1))])
  expect(await listed()).toMatchObject({ 老李粮油: ['overdue'] })
  await page([hazard(1, 1, 'fix_pending'), visit(1, 1, '2026-11-20')])
  expect(await listed()).toMatchObject({ 老李粮油: ['recheck_overdue'] })
  expect(await stored()).toEqual(sorted(await madeBriefs()))
})

test('rows that an earlier release of the app wrote are on the list although it knew nothing of briefs', async () => {
  await page([site(1, '老李粮油')])
  await briefSites()
  expect(await listed()).toMatchObject({ 老李粮油: ['overdue'] })
  await withCache((db) => db.transaction('rw', db.rowsA, db.marks, async () => {
    const { type, id, i, row } = hazard(1, 1, 'fix_pending')
    await db.rowsA.put({ type, id, i, site: idOf('aaaa', 1), state: 'fix_pending', row: { ...row, type, id } })
    await db.marks.put({ name: 'marks', value: { ...(await readMarks(db)), as_of: '2026-11-21T01:30:00.000Z' } as never })
  }))
  changed('rows')
  expect((await listed())['老李粮油']).toContain('recheck_overdue')
  await vi.waitFor(async () => expect(await trusted()).toBe(true), 5_000) // and the next start need not make them again
})

test('a phone too full to keep briefs shows the same list', async () => {
  await page([site(1, '老李粮油'), hazard(1, 1, 'fix_pending')])
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => { throw failure('QuotaExceededError', 'full') })
  await briefSites()
  expect((await listed())['老李粮油']).toContain('recheck_overdue')
  put.mockRestore()
  expect(await trusted()).toBe(false)
})

test('while a snapshot is on its way the old list stands, and with its last page the new one', async () => {
  await page([site(1, '老李粮油')])
  await briefSites()
  const idle = await clearedIdleStore()
  await applyRows({ store: idle, rows: [...ROWS, site(2, '老王饭店')], gone: [], facts: [], marks: {} })
  expect(Object.keys(await listed()).sort()).toEqual(['老李粮油', '老街川味馆'].sort())
  await applyRows({ store: idle, rows: [visit(1, 2, '2026-11-20')], gone: [], facts: [], marks: { store: idle, as_of: '2026-11-21T01:59:00.000Z' } })
  changed('rows')
  expect(Object.keys(await listed())).toEqual(['老街川味馆']) // 老王饭店 was seen this quarter
})

test('a recheck that is only on this phone takes the place off the list at once', async () => {
  await page([wireRow('hazard', idOf('cccc', 7), { ...hazard(7, 0, 'rectifying').row, site: SITE }), wireRow('inspection', idOf('bbbb', 7), { ...visit(7, 0, '2026-11-20').row, site: SITE })])
  await briefSites()
  expect(await listed()).toEqual({ 老街川味馆: ['recheck_overdue'] })
  const step = await recheck(idOf('cccc', 7))
  if (!step.ok) throw new Error(step.words)
  await useStep(step.value).change((draft) => { draft.fields = { ...draft.fields, result: 'fixed' } })
  const finished = await finishDraft(step.value)
  if (!finished.ok) throw new Error(finished.words)
  expect(await listed()).toEqual({})
  expect((await overview()).sites.get(SITE)?.open).toMatchObject([{ recheck_result: 'fixed' }])
})
