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

const PRESSING = new Set(['overdue', 'due_soon', 'recheck_overdue', 'recheck_due', 'returned'])

export function isPressing(item: TodayItem): boolean {
  return item.reasons.some((reason) => PRESSING.has(reason.code))
}

export function groups(items: readonly TodayItem[], order: Order): TodayGroups {
  const sorted = order === 'near' ? [...items].sort((a, b) => (a.distance_m ?? Infinity) - (b.distance_m ?? Infinity)) : [...items]
  return { pressing: sorted.filter(isPressing), later: sorted.filter((item) => !isPressing(item)) }
}

export function cardPill(item: TodayItem): CardPill | undefined {
  if (item.draft) return { tone: 'info', text: '查了一半' }
  if (item.rechecks > 0) return { tone: 'fail', text: `${item.rechecks} 条待复查` }
  const first = item.reasons[0]
  if (first?.code === 'overdue') return { tone: 'fail', text: first.words }
  if (first?.code === 'due_soon') return { tone: 'accent', text: first.words }
  if (item.open_hazards > 0) return { tone: 'na', text: `${item.open_hazards} 条没销号` }
  if (item.distance_m !== null) return { tone: 'na', text: distanceWords(item.distance_m) }
  return first && first.code !== 'not_due' ? { tone: 'na', text: first.words } : undefined
}

export function cardLine(item: TodayItem): string {
  const kind = item.site.place_types[0] ?? '没写类别'
  const grade = item.site.grade ? `${item.site.grade}级` : ''
  const shown = cardPill(item)?.text
  const why = item.reasons.map((reason) => reason.words).filter((words) => words !== shown)[0] ?? ''
  return [kind, [grade, why].filter(Boolean).join('，'), item.area_name].filter(Boolean).slice(0, 3).join(' · ')
}
