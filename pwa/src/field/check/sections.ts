// The checklist as the screen shows it: sections in order, asked items open, the others folded with their reason.

import type { Checklist, Evaluation, Item } from '@/rules/types'
import { verdictsById } from './visit_plan'

export interface Folded {
  item: Item
  why: string
  waits: boolean
}
export interface Section {
  name: string
  asked: Item[]
  folded: Folded[]
}

export function sectionsOf(checklist: Checklist, evaluation: Evaluation): Section[] {
  const verdicts = verdictsById(evaluation)
  const sections = new Map<string, Section>()
  for (const item of checklist.items) {
    const section = sections.get(item.section) ?? { name: item.section, asked: [], folded: [] }
    sections.set(item.section, section)
    const verdict = verdicts.get(item.id)
    if (!verdict || verdict.applies === 'yes') section.asked.push(item)
    else section.folded.push({ item, why: verdict.sentence, waits: verdict.applies === 'pending' })
  }
  return [...sections.values()]
}
