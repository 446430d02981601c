// The file of a place, from what lies on the phone: nothing of it needs a signal, and nothing that ends is said by colour alone.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeEach, expect, test, vi } from 'vitest'
import { CHECKLIST, SITE, enrolledPhone, wireRow } from '../../tests/phone'
import type { JsonObject, WireRow } from '../contract/wire'
import { withUser } from '../db/access'
import { openStep } from './begin'
import { useStep } from './drafts'
import { finishDraft } from './finish'
import { applyRows } from './applied_rows'
import { useSiteFile, type FileLine, type SiteFileView } from './site_file'

const content = JSON.parse(readFileSync(fileURLToPath(new URL('../../../tests/vectors/checklists/cl-lpg-restaurant.json', import.meta.url)), 'utf-8')) as JsonObject
const HERE = 'aa'.repeat(32)
const ELSEWHERE = 'bb'.repeat(32)
const visit = (id: string, day: string, fields: object): WireRow =>
  wireRow('inspection', SITE.replace('dddd', id), { site: SITE, state: 'accepted', day, started_at: `${day}T01:00:00.000Z`, checklist: CHECKLIST, checklist_version: 1, hazards: [], photos: [], answers: [], ...fields })

beforeEach(async () => {
  await enrolledPhone()
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-21T02:00:00.000Z') })
  await applyRows({
    store: 'A', gone: [], facts: [], marks: {},
    rows: [
      wireRow('site', SITE, { state: 'active', name: '老街川味馆', place_types: ['餐饮(瓶装液化气)'], attributes: { gas_room: false, tanks: 2, gas_contract_until: '2026-12', food_licence_until: '2026-11-20', gas_supplier: '北河燃气', old_field: '旧的' } }),
      wireRow('checklist', '018f0000-0000-7000-8000-00000000ffff', { checklist: CHECKLIST, version: 1, sha256: 'ab'.repeat(32), content }),
      visit('b1b1', '2026-10-10', {
        photos: [{ sha256: HERE, role: 'scene', fact: 'f', at: '2026-10-10T01:00:00.000Z' }, { sha256: ELSEWHERE, role: 'scene', fact: 'f', at: '2026-10-10T01:00:00.000Z' }],
        answers: [{ item: 'LPG-03', value: 120, verdict: 'reading' }, { item: 'LPG-05', value: { unmeasured: true }, verdict: 'unmeasured' }, { item: 'LPG-15', value: '2024-12', verdict: 'pass' }, { item: 'LPG-19', value: { value: '2026-08', judged: 'fail' }, verdict: 'fail' }],
      }),
      visit('b2b2', '2026-09-01', { answers: [{ item: 'LPG-03', value: 60, verdict: 'reading' }] }),
      visit('b3b3', '2026-11-01', { state: 'void', answers: [{ item: 'LPG-03', value: 999, verdict: 'reading' }] }),
    ],
  })
  return () => vi.useRealTimers()
})

async function file(): Promise<SiteFileView> {
  const list = useSiteFile(SITE)
  await vi.waitFor(() => expect(list.ready.value).toBe(true))
  await list.reload()
  if (list.value.value === null) throw new Error(list.trouble.value ?? 'nothing')
  return list.value.value
}
const told = (lines: readonly FileLine[]): string[] => lines.map(({ label, text, standing, days_left }) => [label, text, standing, days_left].filter((each) => each !== null).join(' '))

test('the file says in the words of the station what is there, and which licence is over or ends soon', async () => {
  expect(told((await file()).said)).toEqual([
    '有专用气瓶间 否', '储罐数 2 个', '供气企业 北河燃气', '供气合同有效期至 2026-12 soon 40', '食品经营许可证有效期至 2026-11-20 over -1', 'old_field 旧的',
  ])
})

test('what was measured last comes from the newest visit that counts, with the age its checklist allows', async () => {
  const { measured } = await file()
  expect(told(measured)).toEqual(['现场存瓶 120 千克', '橡胶软管更换日期 2024-12 soon 40', '气瓶下次检验日期未过期，无报废瓶、无角阀损坏 2026-08 over -82'])
  expect(measured.every(({ on }) => on === '2026-10-10')).toBe(true)
})

test('a licence written down on the spot stands in the file before it is handed over', async () => {
  const step = await openStep('site.amended', SITE, {}, SITE)
  if (!step.ok) throw new Error(step.words)
  await useStep(step.value).change((draft) => { draft.fields = { attributes: { food_licence_until: '2029-11', tanks: null } } })
  await finishDraft(step.value)
  expect(told((await file()).said)).toEqual(['有专用气瓶间 否', '供气企业 北河燃气', '供气合同有效期至 2026-12 soon 40', '食品经营许可证有效期至 2029-11 holds 1105', 'old_field 旧的'])
})

test('only photos that can be seen without signal are in the file', async () => {
  expect((await file()).photos).toEqual([])
  await withUser((db) => db.thumbs.put({ sha256: HERE, thumb: new ArrayBuffer(3), preview: new ArrayBuffer(2) }))
  expect((await file()).photos).toEqual([{ sha256: HERE, subject: SITE.replace('dddd', 'b1b1'), role: 'scene', day: '2026-10-10' }])
})
