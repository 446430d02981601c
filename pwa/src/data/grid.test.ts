// My grid: places and visits are two counts, each site has its own period, and a campaign asks for itself.

import { beforeEach, expect, test, vi } from 'vitest'
import { CHECKLIST, GRID, ROWS, SITE, enrolledPhone, wireRow } from '../../tests/phone'
import type { WireRow } from '../contract/wire'
import { openDraft } from './begin'
import { useDraft } from './drafts'
import { finishDraft } from './finish'
import { useGrid, type GridView } from './grid'
import { applyRows } from './applied_rows'

const DAY = '2026-11-21'
const id = (letters: string): string => SITE.replace('dddd', letters)
const [SHOP, NEW, FAR] = [id('d1d1'), id('d2d2'), id('d3d3')]
const site = (key: string, name: string, fields: object): WireRow => wireRow('site', key, { state: 'active', name, place_types: [], area: GRID, registered_at: '2026-01-05T00:00:00.000Z', ...fields })
const visit = (letters: string, about: string, day: string, fields: object = {}): WireRow =>
  wireRow('inspection', id(letters), { site: about, state: 'accepted', day, started_at: `${day}T01:00:00.000Z`, checklist: CHECKLIST, answers: [], hazards: [], photos: [], ...fields })
const put = (...rows: WireRow[]): Promise<void> => applyRows({ store: 'A', rows, gone: [], facts: [], marks: { as_of: `${DAY}T01:00:00.000Z` } })

beforeEach(async () => {
  await enrolledPhone()
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(`${DAY}T02:00:00.000Z`) })
  await put(
    ...ROWS, // 老街川味馆, grade A
    site(SHOP, '福兴五金店', { grade: 'C', lat: 30.1, lon: 110.2 }),
    site(NEW, '刚登记的店', { grade: 'A', registered_at: '2026-11-28T00:00:00.000Z' }),
    site(FAR, '外村的店', { grade: 'A', area: GRID.replace('eeee', 'e1e1') }),
  )
  return () => vi.useRealTimers()
})

async function shown(): Promise<GridView> {
  const grid = useGrid()
  await vi.waitFor(() => expect(grid.ready.value).toBe(true))
  await grid.reload()
  if (grid.value.value === null) throw new Error(grid.trouble.value ?? 'nothing')
  return grid.value.value
}
const told = ({ groups }: GridView): string[] => groups.map(({ title, span, due, done, left }) => `${title} ${span} ${done}/${due} ${left.map((item) => item.site.name).join()}`)

test('a place counts once however often it was visited, the visits are counted beside it, and another period is another count', async () => {
  await put(visit('b1b1', SITE, '2026-11-02'), visit('b2b2', SITE, '2026-11-09'), visit('b3b3', SITE, '2026-10-30'), visit('b4b4', SHOP, '2026-07-01'), visit('b5b5', SHOP, '2026-11-03', { state: 'void' }))
  const grid = await shown()
  expect([grid.due, grid.done, grid.visits, grid.as_of]).toEqual([2, 2, 3, `${DAY}T01:00:00.000Z`])
  expect(told(grid)).toEqual(['A级 本月 1/1 ', 'C级 本半年 1/1 '])
})

test('who was registered in the last days of a period is not asked for yet, and other grids are no business of hers', async () => {
  vi.setSystemTime(new Date('2026-11-29T02:00:00.000Z'))
  const grid = await shown()
  expect(grid.sites.map((item) => `${item.site.name} ${item.standing}`).sort()).toEqual(['刚登记的店 seen', '福兴五金店 over', '老街川味馆 over'])
  expect([grid.due, grid.done, grid.visits]).toEqual([2, 0, 0])
  expect(told(grid)).toEqual(['A级 本月 0/1 老街川味馆', 'C级 本半年 0/1 福兴五金店'])
})

test('a visit that is still on this phone counts, and a campaign is counted for itself', async () => {
  await put(visit('b1b1', SITE, '2026-11-02'), wireRow('setting', 's1', { name: 'campaign:1', value: { name: '节前检查', from: '2026-11-10', to: '2026-11-25' } }))
  expect(told(await shown())).toEqual(['A级 本月 1/1 ', 'C级 本半年 0/1 福兴五金店', '节前检查 剩 4 天 0/3 福兴五金店,刚登记的店,老街川味馆'])
  const opened = await openDraft(SITE, CHECKLIST)
  if (!opened.ok) throw new Error(opened.words)
  await useDraft(opened.value).change((draft) => (draft.attendance = 'absent'))
  await finishDraft(opened.value)
  const grid = await shown()
  expect([grid.visits, told(grid).at(-1)]).toEqual([2, '节前检查 剩 4 天 1/3 福兴五金店,刚登记的店'])
})
