// How 今天 is put in order: what presses first, what else this month, with one line and one pill each.
// Pure: it works on what data/ gives and knows no component.

import type { TodayItem } from '@/data'
import { distanceWords } from './saying'

export type Order = 'pressing' | 'near'
export interface TodayGroups {
  pressing: TodayItem[]
  later: TodayItem[]
}
export interface CardPill {
  tone: 'fail' | 'accent' | 'na' | 'pass' | 'info'
  text: string
}

const LATER = new Set(['due', 'never', 'campaign', 'changed'])

/** Something here cannot wait for the end of the period. */
export function isPressing(item: TodayItem): boolean {
  return item.reasons.some((reason) => !LATER.has(reason.code))
}

export function groups(items: readonly TodayItem[], order: Order): TodayGroups {
  const sorted = order === 'near' ? [...items].sort((a, b) => (a.distance_m ?? Infinity) - (b.distance_m ?? Infinity)) : [...items]
  return { pressing: sorted.filter(isPressing), later: sorted.filter((item) => !isPressing(item)) }
}

export function cardPill(item: TodayItem, order: Order): CardPill | undefined {
  const first = item.reasons[0]
  if (order === 'near' && item.distance_m !== null) return { tone: 'na', text: distanceWords(item.distance_m) }
  if (item.draft) return { tone: 'info', text: '查了一半' }
  if (item.rechecks > 0) return { tone: 'fail', text: `${item.rechecks} 条待复查` }
  if (!first) return undefined
  const tone = first.code === 'overdue' || first.code === 'recheck_overdue' ? 'fail' : LATER.has(first.code) ? 'na' : 'accent'
  return { tone, text: first.chip }
}

/** What it is and why it is here; what the pill says already is not said twice. */
export function cardLine(item: TodayItem, order: Order): string {
  const kind = item.site.place_types[0] ?? '没写类别'
  const chip = cardPill(item, order)?.text ?? ''
  const whys = item.reasons.map(({ code, words }) => ({ code, words: words.replace(`，${chip}`, '') })).filter(({ words }) => words !== chip)
  const changed = whys.slice(1).find(({ code }) => code === 'changed')
  return [kind, whys[0]?.words, changed?.words].filter(Boolean).join(' · ')
}
