// Rows of subjects whose first fact has not arrived: nearly every field is null. No list, page or search may stumble over one.

import { beforeEach, expect, test, vi } from 'vitest'
import { INCOMPLETE, incompleteId } from '../../tests/incomplete'
import { ROWS, SITE, enrolledPhone } from '../../tests/phone'
import { applyRows } from './applied_rows'
import { useHazard, useInspection, useSite, searchSites, readySearch } from './sites'
import { useActivities } from './activities'
import { useColleagues } from './companions'
import { useGrid } from './grid'
import type { Loaded } from './loaded'
import { useLookBack } from './look_back'
import { useNotice, useNotices } from './notices'
import { useReturned } from './returned'
import { briefSites } from './site_brief_maker'
import { useSiteFile } from './site_file'
import { useToday } from './today'

vi.hoisted(() => { Object.assign(globalThis, { BroadcastChannel: undefined }) })

beforeEach(async () => {
  await enrolledPhone()
  await applyRows({ store: 'A', rows: ROWS, gone: [], facts: [], marks: { as_of: '2026-11-21T00:00:00.000Z' } })
  await briefSites()
  await applyRows({ store: 'A', rows: INCOMPLETE, gone: [], facts: [], marks: { as_of: '2026-11-21T00:00:01.000Z' } })
})

const lists: [string, () => Loaded<unknown>][] = [
  ['今天', useToday], ['我的网格', useGrid], ['回头看', useLookBack], ['退回来的', useReturned], ['活动', useActivities], ['同事', useColleagues],
  ['a site', () => useSite(SITE)], ['its file', () => useSiteFile(SITE)], ['its notices', () => useNotices(() => ({ site: SITE }))],
  ['the incomplete site', () => useSite(incompleteId('site'))], ['its file', () => useSiteFile(incompleteId('site'))], ['the incomplete hazard', () => useHazard(incompleteId('hazard'))],
  ['the incomplete visit', () => useInspection(incompleteId('inspection'))], ['the incomplete notice', () => useNotice(incompleteId('document'))],
]
test.each(lists)('%s can be read', async (_, use) => {
  const list = use()
  await list.reload()
  expect(list.trouble.value).toBeNull()
})

test('where to go and what is found are what they were', async () => {
  const today = useToday()
  await today.reload()
  expect(today.value.value?.items.map(({ site }) => site.name)).toEqual(['老街川味馆'])
  await readySearch()
  expect((await searchSites('川味')).map(({ site }) => site.name)).toEqual(['老街川味馆'])
  expect((await searchSites('')).map(({ site }) => site.name)).toEqual(['老街川味馆'])
})
