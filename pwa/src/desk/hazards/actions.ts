// Which actions a hazard's page offers, in words, from what the station allows. Pure.

import type { Tone } from '@/ui/Pill.vue'
import type { HazardRow } from '../data/types'

export type Action = 'general' | 'major' | 'return' | 'order' | 'recheck' | 'close' | 'reopen' | 'void' | 'note' | 'spot_fixed' | 'fix_reported'

export interface Offered {
  action: Action
  words: string
  kind: 'main' | 'quiet' | 'major' | 'danger'
  tone?: Tone
}

const ALL: readonly (Offered & { fact: string; fits?: (row: HazardRow) => boolean })[] = [
  { action: 'general', fact: 'hazard.confirmed', words: '定为一般', kind: 'quiet', fits: (row) => row.review !== 'confirmed' || row.level !== 'general' },
  { action: 'major', fact: 'hazard.confirmed', words: '定为重大，填五落实', kind: 'major' },
  { action: 'order', fact: 'hazard.ordered', words: '责令限期整改', kind: 'quiet' },
  { action: 'fix_reported', fact: 'hazard.fix_reported', words: '记整改完成', kind: 'quiet', fits: (row) => row.review === 'confirmed' && row.work !== 'none' },
  { action: 'recheck', fact: 'hazard.rechecked', words: '记一次复查', kind: 'quiet' },
  { action: 'close', fact: 'hazard.closed', words: '销号', kind: 'main' },
  { action: 'reopen', fact: 'hazard.reopened', words: '重新打开', kind: 'quiet' },
  { action: 'return', fact: 'hazard.returned', words: '退回，写一句话', kind: 'quiet', fits: (row) => row.review === 'submitted' },
  { action: 'note', fact: 'hazard.noted', words: '写一句备注', kind: 'quiet' },
  { action: 'void', fact: 'hazard.voided', words: '作废', kind: 'danger' },
]

/** The next step first and filled; nothing the station would refuse. */
export function offered(row: HazardRow, allowed: readonly string[]): Offered[] {
  const fitting = ALL.filter((each) => allowed.includes(each.fact) && (each.fits?.(row) ?? true))
  const next = nextStep(row)
  return fitting
    .map(({ action, words, kind }) => ({ action, words, kind: action === next ? ('main' as const) : kind === 'main' ? ('quiet' as const) : kind }))
    .sort((one, other) => Number(other.action === next) - Number(one.action === next))
}

export function nextStep(row: HazardRow): Action | null {
  if (row.state === 'closed' || row.state === 'void') return null
  if (row.review === 'submitted') return row.level === 'general' ? 'general' : 'major'
  if (row.work === 'recheck_fixed' || (row.work === 'spot_fixed' && row.review === 'confirmed')) return 'close'
  if (row.work === 'none' || row.work === 'recheck_failed' || row.work === 'reopened') return 'order'
  return 'recheck'
}
