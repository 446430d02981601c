// What happened to a hazard, told from its row in the order it happened. The row is the station's fold (with this phone's
// own facts laid over); this only puts it into words.

import type { HazardRow } from '@/contract/wire'
import { dayWords } from './saying'
import { HAZARD_STATE, RECHECK } from './words'

export interface StoryLine {
  day: string
  what: string
  note: string
}

function line(day: string | null | undefined, what: string, note: string | null | undefined = ''): StoryLine[] {
  return day ? [{ day: day.slice(0, 10), what, note: note ?? '' }] : []
}

export function storyOf(hazard: HazardRow, today: string): (StoryLine & { when: string })[] {
  const lines = [
    ...line(hazard.found_on, '查出', hazard.spot ? `部位：${hazard.spot}` : ''),
    ...line(hazard.ordered_on, '站里要求整改', [hazard.measure, hazard.document_no].filter(Boolean).join('，')),
    ...line(hazard.fixed_on, '报告改好', hazard.fix_note),
    ...line(hazard.rechecked_on, hazard.recheck_result ? `复查：${RECHECK[hazard.recheck_result]}` : '复查', hazard.recheck_note),
    ...line(hazard.closed_on, '销号', hazard.close_note),
  ]
  return lines.sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0)).map((each) => ({ ...each, when: dayWords(each.day, today) }))
}

/** May this phone write down a recheck of it now? A finished or voided one is the chief's. */
export function canRecheck(hazard: HazardRow): boolean {
  return hazard.state !== 'closed' && hazard.state !== 'void'
}

export function stateWords(hazard: HazardRow): string {
  if (hazard.state === 'fix_pending' && hazard.recheck_result === 'fixed') return '复查已过，等销号'
  return HAZARD_STATE[hazard.state]
}
