// Rows of subjects whose first fact has not arrived: nearly every field is null. No list, page or search may stumble over one.

import { readFileSync } from 'node:fs'
import { beforeEach, expect, test, vi } from 'vitest'
import { ROWS, SITE, enrolledPhone, wireRow } from '../../tests/phone'
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

const { rows } = JSON.parse(readFileSync('../tests/vectors/rows_incomplete.json', 'utf-8')) as { rows: { [type: string]: object } }
const idOf = (type: string): string => `018f0000-0000-7000-8000-0000000e${String(Object.keys(rows).indexOf(type)).padStart(4, '0')}`
const INCOMPLETE = Object.entries(rows).map(([type, row]) => wireRow(type, idOf(type), row))

beforeEach(async () => {
  await enrolledPhone()
  await applyRows({ store: 'A', rows: ROWS, gone: [], facts: [], marks: { as_of: '2026-11-21T00:00:00.000Z' } })
  await briefSites()
  await applyRows({ store: 'A', rows: INCOMPLETE, gone: [], facts: [], marks: { as_of: '2026-11-21T00:00:01.000Z' } })
})

const lists: [string, () => Loaded<unknown>][] = [
  ['今天', useToday], ['我的网格', useGrid], ['回头看', useLookBack], ['退回来的', useReturned], ['活动', useActivities], ['同事', useColleagues],
  ['a site', () => useSite(SITE)], ['its file', () => useSiteFile(SITE)], ['its notices', () => useNotices(() => ({ site: SITE }))],
  ['the incomplete site', () => useSite(idOf('site'))], ['its file', () => useSiteFile(idOf('site'))], ['the incomplete hazard', () => useHazard(idOf('hazard'))],
  ['the incomplete visit', () => useInspection(idOf('inspection'))], ['the incomplete notice', () => useNotice(idOf('document'))],
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
