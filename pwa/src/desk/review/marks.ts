// What stands out about a submission in the queue, as short words: level, number of hazards, doubts. Pure.

import type { Tone } from '@/ui/Pill.vue'
import type { ReviewItem } from '../data/types'

export interface Mark {
  tone: Tone
  text: string
}

const DOUBT_TONE: Readonly<Record<string, Tone>> = {
  same_hazard: 'info', conflict: 'accent', blank_open: 'accent', clock: 'accent', outside_area: 'accent', photos_waiting: 'na', photo_broken: 'accent', photo_lost: 'fail', photo_reused: 'accent', incomplete: 'na',
}
const MARKS_MAX = 4

export function marksOf(item: Pick<ReviewItem, 'hazards' | 'doubts'>): Mark[] {
  const open = item.hazards.filter((hazard) => hazard.state !== 'void')
  const majors = open.filter((hazard) => hazard.level !== 'general')
  const suspected = majors.some((hazard) => hazard.level === 'suspected_major')
  const marks: Mark[] = []
  if (majors.length) marks.push({ tone: 'major', text: suspected ? '疑似重大' : '重大' })
  marks.push(open.length ? { tone: 'fail', text: `隐患 ${String(open.length)}` } : { tone: 'pass', text: '全部合格' })
  const seen = new Set<string>()
  for (const doubt of item.doubts) {
    if (seen.has(doubt.code)) continue
    seen.add(doubt.code)
    marks.push({ tone: DOUBT_TONE[doubt.code] ?? 'info', text: doubt.text })
  }
  return marks.slice(0, MARKS_MAX)
}
