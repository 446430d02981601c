// 今天: what presses stands first, and nothing is said twice on one card.

import { expect, test } from 'vitest'
import type { TodayItem } from '@/data'
import { cardLine, cardPill, groups } from './today_list'

function item(name: string, fields: Partial<TodayItem>): TodayItem {
  return { site: { id: name, name, place_types: ['小商店'] } as TodayItem['site'], area_name: '', reasons: [], due_on: null, last_on: null, open_hazards: 0, rechecks: 0, distance_m: null, draft: null, pending: false, ...fields }
}
const late = item('老街川味馆', { reasons: [{ code: 'overdue', words: 'A级，过期 3 天', chip: '过期 3 天' }], distance_m: 900 })
const fresh = item('新开的店', { reasons: [{ code: 'never', words: 'C级，还没查过', chip: '还没查过' }], distance_m: 40 })
const soon = item('福兴五金店', { reasons: [{ code: 'due_soon', words: 'B级，本季度还没查，剩 3 天', chip: '剩 3 天' }], distance_m: 320 })

test('a whole township that was never inspected is not all for today', () => {
  expect(groups([late, fresh, soon], 'pressing')).toEqual({ pressing: [late, soon], later: [fresh] })
})

test('by distance the nearest pressing one is first, and its distance is the pill', () => {
  expect(groups([late, soon], 'near').pressing).toEqual([soon, late])
  expect(cardPill(soon, 'near')?.text).toBe('320 米')
})

test('the line does not repeat what the pill says', () => {
  expect(cardPill(soon, 'pressing')).toEqual({ tone: 'accent', text: '剩 3 天' })
  expect(cardLine(soon, 'pressing')).toBe('小商店 · B级，本季度还没查')
})

test('that a place changed hands is said beside whatever else brings her there', () => {
  const changed = { code: 'changed', words: '换了名称或负责人', chip: '换了人' } as const
  expect(cardLine({ ...soon, reasons: [...soon.reasons, changed] }, 'pressing')).toBe('小商店 · B级，本季度还没查 · 换了名称或负责人')
  expect(cardPill(item('老王饭店', { reasons: [changed] }), 'pressing')).toEqual({ tone: 'na', text: '换了人' })
})

test('rechecks come before dates on the pill', () => {
  expect(cardPill({ ...late, rechecks: 2 }, 'pressing')).toEqual({ tone: 'fail', text: '2 条待复查' })
})
