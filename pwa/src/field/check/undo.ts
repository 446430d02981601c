// The last steps of a visit that can be taken back, each as the answers stood before it. It lives as long as the page of the visit.

import type { Answer, InspectionDraft } from '@/data'
import type { Item } from '@/rules/types'

/** items of one step and what they were; undefined: not answered */
export type Step = ReadonlyMap<string, Answer | undefined>

export const STEPS_MAX = 50

/** The steps with one more; typing on in one field is one step. */
export function withStep(steps: readonly Step[], draft: InspectionDraft, items: readonly Item[]): Step[] {
  const [only, second] = items
  const last = steps[steps.length - 1]
  const typedOn = only && !second && only.answer.type !== 'pass_fail_na' && last?.size === 1 && last.has(only.id)
  if (typedOn) return [...steps]
  return [...steps, new Map(items.map(({ id }) => [id, draft.answers[id]]))].slice(-STEPS_MAX)
}

export function takeBack(draft: InspectionDraft, step: Step): void {
  const left = Object.entries(draft.answers).filter(([id]) => !step.has(id))
  const before = [...step].flatMap(([id, answer]): [string, Answer][] => (answer ? [[id, answer]] : []))
  draft.answers = Object.fromEntries([...left, ...before])
}
