import { beforeEach, expect, test, vi } from 'vitest'
import { effectScope } from 'vue'
import { CHECKLIST, GRID, SITE, enrolledPhone, wireRow } from '../../tests/phone'
import type { WireRow } from '../contract/wire'
import { withCache } from '../db/access'
import { openDraft } from './begin'
import { useDraft } from './drafts'
import { finishDraft } from './finish'
import { useLookBack, type LookBack } from './look_back'
import { applyRows, clearedIdleStore } from './applied_rows'

const SHOP = SITE.replace('dddd', 'd1d1')
const closed = (letter: string, site: string, closed_on: string, state = 'closed'): WireRow =>
  wireRow('hazard', SITE.replace('dddd', `aa${letter}`), { site, state, closed_on: state === 'closed' ? closed_on : null, finding: '软管老化', found_on: '2026-08-01', level: 'general', photos: [] })
const put = (...rows: WireRow[]): Promise<void> => applyRows({ store: 'A', rows, gone: [], facts: [], marks: {} })

beforeEach(async () => {
  await enrolledPhone()
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-21T02:00:00.000Z') })
  await put(wireRow('site', SHOP, { state: 'active', name: '福兴五金店', place_types: [], area: GRID, registered_at: '2026-01-05T00:00:00.000Z' }))
  return () => vi.useRealTimers()
})

/** The list looks no more afterwards: one left listening would fill the next test's phone before that test begins. */
async function shown(): Promise<string[]> {
  const screen = effectScope()
  const list = screen.run(useLookBack)!
  await list.reload()
  screen.stop()
  if (list.value.value === null) throw new Error(list.trouble.value ?? 'nothing')
  return list.value.value.map((item: LookBack) => `${item.site.name} ${item.hazards} ${item.closed_on}`)
}

test('a month after a closing the place is looked at again, the longest wait first, the ones from half a year ago no more', async () => {
  await put(closed('01', SHOP, '2026-10-20'), closed('02', SHOP, '2026-10-23'), closed('03', SITE, '2026-09-01'), closed('04', SITE, '2026-10-02'), closed('05', SHOP, '2026-03-01'))
  expect(await shown()).toEqual(['老街川味馆 2 2026-10-02', '福兴五金店 1 2026-10-20'])
})

test('who has been there since has looked, also if the visit is only on this phone; a hazard opened again is no look-back', async () => {
  const visit = (id: string, site: string, day: string): WireRow => wireRow('inspection', SITE.replace('dddd', id), { site, state: 'accepted', day, started_at: `${day}T01:00:00.000Z`, checklist: CHECKLIST, answers: [], hazards: [], photos: [] })
  await put(closed('01', SHOP, '2026-10-20'), closed('03', SITE, '2026-10-02'), visit('b1b1', SHOP, '2026-10-20'))
  expect(await shown()).toEqual(['老街川味馆 1 2026-10-02', '福兴五金店 1 2026-10-20']) // the visit of that day was before the closing
  await put(visit('b2b2', SHOP, '2026-10-21'))
  expect(await shown()).toEqual(['老街川味馆 1 2026-10-02'])
  await put(closed('03', SITE, '', 'reopened'))
  expect(await shown()).toEqual([])
  await put(closed('03', SITE, '2026-10-05'))
  expect(await shown()).toEqual(['老街川味馆 1 2026-10-05'])
  const opened = await openDraft(SITE, CHECKLIST, 'look_back')
  if (!opened.ok) throw new Error(opened.words)
  const draft = useDraft(opened.value)
  await draft.change((now) => (now.attendance = 'absent'))
  expect(draft.draft.value?.method).toBe('look_back')
  await finishDraft(opened.value)
  expect(await shown()).toEqual([])
})

test('what an earlier release of the app has pulled is found too, and a new snapshot brings its own', async () => {
  await put(closed('01', SHOP, '2026-10-20'))
  await withCache((db) => db.briefsA.where('id').startsWith('2026-10-20').delete())
  expect(await shown()).toEqual(['福兴五金店 1 2026-10-20'])
  expect(await clearedIdleStore()).toBe('B')
  await withCache((db) => db.briefsA.where('id').startsWith('2026-10-20').delete())
  expect(await shown()).toEqual([]) // filled once, not at every look
})
