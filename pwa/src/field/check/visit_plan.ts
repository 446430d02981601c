// What a tap on the checklist changes in the draft: pure functions over the draft, the checklist and its evaluation.
// Verdicts come from rules/evaluate; here they are only written beside the answers and turned into hazard drafts.

import type { Answer, HazardDraft, InspectionDraft, Json, JsonObject } from '@/data'
import { addDays } from '@/lib/time'
import type { Checklist, Evaluation, HazardToFind, Item, Verdict } from '@/rules/types'
import { openBlanks, phraseParts, phraseSentence, type Filled } from '@/ui/phrase'
import { shown } from './answering'

export const FINDING_CHARS_MAX = 500
const BASIS_CHARS_MAX = 1000
const HANDOFF_CHARS_MAX = 60

/** What the screen remembers of a hazard beside the hazard itself; it never leaves the phone. */
export interface HazardMemory {
  filled: { [blank: string]: string }
  /** the sentence was rewritten by hand: figures no longer follow the answers */
  own_words: boolean
  own_level: boolean
  /** the deadline was picked on the calendar, not from the chips */
  picked_day: boolean
}

export function memoryOf(draft: InspectionDraft, hazard: string): HazardMemory {
  const all = draft.place['hazards'] as JsonObject | undefined
  const own = (all?.[hazard] ?? {}) as Partial<HazardMemory>
  return { filled: own.filled ?? {}, own_words: own.own_words ?? false, own_level: own.own_level ?? false, picked_day: own.picked_day ?? false }
}

export function remember(draft: InspectionDraft, hazard: string, change: Partial<HazardMemory>): void {
  const all = (draft.place['hazards'] ?? {}) as JsonObject
  draft.place = { ...draft.place, hazards: { ...all, [hazard]: { ...memoryOf(draft, hazard), ...change } as unknown as Json } }
}

export function answerValues(answers: InspectionDraft['answers']): Record<string, Json> {
  return Object.fromEntries(Object.entries(answers).map(([item, answer]) => [item, answer.value]))
}

export function verdictsById(evaluation: Evaluation): Map<string, Verdict> {
  return new Map(evaluation.verdicts.map((verdict) => [verdict.item, verdict]))
}

export function findingText(toFind: HazardToFind, filled: Filled): string {
  const { template, known, blanks } = toFind.finding
  return phraseSentence(phraseParts(template, known, blanks, filled)).slice(0, FINDING_CHARS_MAX)
}

/** Labels of the blanks nobody has answered, also where one's own words began as the ready sentence and still hold 【情形】. */
export function blanksLeft(draft: InspectionDraft, hazard: HazardDraft, toFind: HazardToFind | undefined): string[] {
  if (!toFind) return []
  const { filled, own_words } = memoryOf(draft, hazard.id)
  const { blanks } = toFind.finding
  // stays Chinese: part of the finding
  return own_words ? blanks.filter(({ label }) => hazard.finding.includes(`【${label}】`)).map(({ label }) => label) : openBlanks(blanks, filled)
}

/** The hazard a failed item asks for, with everything likely already chosen. */
export function hazardStart(toFind: HazardToFind, today: string, owner: { name: string; phone: string }): Partial<HazardDraft> {
  return {
    item: toFind.item, finding: findingText(toFind, {}), category: toFind.category, level: toFind.level, basis: toFind.basis_text.slice(0, BASIS_CHARS_MAX),
    measure: toFind.measures[0] ?? '', deadline: addDays(today, toFind.deadline_days), disposition: toFind.deadline_days === 0 ? 'on_spot' : 'by_deadline',
    handoff: (toFind.handoff ?? '').slice(0, HANDOFF_CHARS_MAX), fix_owner: owner.name, fix_owner_phone: owner.phone,
  }
}

/** Brings verdicts and hazard sentences in line with the answers; a hazard nobody worked on goes with its reason. */
export function settleDraft(draft: InspectionDraft, evaluation: Evaluation, worked: (hazard: HazardDraft) => boolean): void {
  const verdicts = verdictsById(evaluation)
  for (const answer of Object.values(draft.answers)) answer.verdict = verdicts.get(answer.item)?.verdict ?? answer.verdict
  const toFind = new Map(evaluation.hazards.map((each) => [each.item, each]))
  draft.hazards = draft.hazards.filter((hazard) => !hazard.item || toFind.has(hazard.item) || worked(hazard))
  for (const hazard of draft.hazards) {
    const now = hazard.item ? toFind.get(hazard.item) : undefined
    if (!now) continue
    const memory = memoryOf(draft, hazard.id)
    if (!memory.own_words) hazard.finding = findingText(now, memory.filled)
    if (!memory.own_level) hazard.level = now.level
  }
}

/** Items one tap may call 合格: asked, not answered, and judged by eye. Never a number, a date or a reading. */
export function restItems(checklist: Checklist, evaluation: Evaluation): Item[] {
  const verdicts = verdictsById(evaluation)
  return checklist.items.filter((item) => {
    const verdict = verdicts.get(item.id)
    return item.answer.type === 'pass_fail_na' && item.role !== 'reading' && verdict?.applies === 'yes' && verdict.verdict === 'unanswered'
  })
}

export function passRest(draft: InspectionDraft, items: readonly Item[]): void {
  for (const item of items) draft.answers[item.id] = { item: item.id, value: 'pass', verdict: 'pass', source: 'rest_pass' }
}

/**
 * Dates of installing, replacing and testing the same tap may take over from the last visit: asked, not answered, known then. They
 * stand in the file until somebody replaces the part; whether one is too old by now is for `judge` to say, and then it is asked.
 */
export function datesToCarry(checklist: Checklist, answers: InspectionDraft['answers'], previous: Record<string, unknown>, judge: (values: Record<string, Json>) => Evaluation): Item[] {
  const now = verdictsById(judge(answerValues(answers)))
  const known = checklist.items.filter((item) => item.answer.type === 'date' && now.get(item.id)?.verdict === 'unanswered' && now.get(item.id)?.applies === 'yes' && isDay(previous[item.id]))
  const then = verdictsById(judge({ ...answerValues(answers), ...Object.fromEntries(known.map(({ id }) => [id, previous[id] as Json])) }))
  return known.filter(({ id }) => then.get(id)?.verdict === 'pass')
}

const isDay = (value: unknown): boolean => typeof shown(value).plain === 'string' && shown(value).plain !== 'na'

export function carryDates(draft: InspectionDraft, items: readonly Item[], previous: Record<string, unknown>): void {
  for (const { id } of items) draft.answers[id] = { item: id, value: previous[id] as Json, verdict: 'pass', source: 'carried' }
}

/** Every item of the checklist gets its line, so that the station sees what was not asked and what was not answered. */
export function completeAnswers(draft: InspectionDraft, evaluation: Evaluation): void {
  const complete = evaluation.verdicts.map(({ item, verdict }): [string, Answer] => [item, { item, value: null, source: 'unknown', ...draft.answers[item], verdict }])
  draft.answers = Object.fromEntries(complete) // in the order of the checklist, as the station reads them
}

/** 记下 was tapped, and no figure has become open again since (it was taken back, or nobody could measure it after all). */
export function isRecorded(draft: InspectionDraft, hazard: HazardDraft, toFind: HazardToFind | undefined): boolean {
  return hazard.done && blanksLeft(draft, hazard, toFind).length === 0
}

export interface OpenWork {
  /** failed items whose hazard is not recorded yet */
  failed: HazardToFind[]
  unanswered: string[]
  /** hazards whose item is no longer failed */
  stale: HazardDraft[]
}

export function openWork(draft: InspectionDraft, evaluation: Evaluation): OpenWork {
  const wanted = new Map(evaluation.hazards.map((each) => [each.item, each]))
  const recorded = new Set(draft.hazards.filter((hazard) => isRecorded(draft, hazard, wanted.get(hazard.item ?? ''))).map((hazard) => hazard.item))
  const failing = new Set(evaluation.hazards.map((each) => each.item))
  return {
    failed: evaluation.hazards.filter((each) => !recorded.has(each.item)),
    unanswered: evaluation.verdicts.filter((each) => each.applies === 'yes' && each.verdict === 'unanswered').map((each) => each.item),
    stale: draft.hazards.filter((hazard) => hazard.item !== null && !failing.has(hazard.item)),
  }
}
