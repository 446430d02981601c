// From a control of the checklist to an answer of the draft, and back to what the control shows.
// Answers are plain values, or objects when there is more to say (rules/types); this knows no verdicts.

import type { Answer, Json, JsonObject } from '@/data'
import type { Item } from '@/rules/types'
import { monthWords } from '@/ui/month_text'

export interface Shown {
  plain: string | number | null
  unmeasured: boolean
  unknown: boolean
  judged: 'pass' | 'fail' | null
  blanks: { [blank: string]: string }
}

const NOTHING: Shown = { plain: null, unmeasured: false, unknown: false, judged: null, blanks: {} }

export function shown(value: unknown): Shown {
  if (typeof value === 'string' || typeof value === 'number') return { ...NOTHING, plain: value }
  if (typeof value !== 'object' || value === null) return NOTHING
  const object = value as JsonObject
  const plain = object['value']
  return {
    plain: typeof plain === 'string' || typeof plain === 'number' ? plain : null,
    unmeasured: object['unmeasured'] === true,
    unknown: object['unknown'] === true,
    judged: object['judged'] === 'pass' || object['judged'] === 'fail' ? object['judged'] : null,
    blanks: (object['blanks'] ?? {}) as { [blank: string]: string },
  }
}

/** The smallest form that says it all; null when nothing is said. */
export function valueFrom(show: Shown): Json {
  const extra: JsonObject = {}
  if (show.judged) extra['judged'] = show.judged
  if (Object.values(show.blanks).some(Boolean)) extra['blanks'] = show.blanks
  if (show.unmeasured) return { unmeasured: true, ...extra }
  if (show.unknown) return { unknown: true, ...extra }
  if (show.plain === null && !extra['blanks']) return null
  return Object.keys(extra).length ? { value: show.plain, ...extra } : show.plain
}

export function sourceOf(item: Item, show: Shown): Answer['source'] {
  if (show.unknown || show.unmeasured) return 'unknown'
  return item.answer.type === 'number' && typeof show.plain === 'number' ? 'measured' : 'tapped'
}

/** 上次的答案 in words, or null when there is nothing worth carrying over. */
export function previousWords(item: Item, value: unknown): string | null {
  const { plain } = shown(value)
  if (plain === null || plain === 'na' || item.answer.compare === 'previous') return null
  if (item.answer.type === 'date') return monthWords(String(plain))
  if (item.answer.type === 'number') return `${plain} ${item.answer.unit_label ?? ''}`.trim()
  return item.answer.type === 'choice' ? String(plain) : null
}

/** How the hazard of a failed item stands: not begun, begun, lying open under it, recorded. */
export type HazardState = 'none' | 'begun' | 'open' | 'done'
