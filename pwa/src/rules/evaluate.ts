// The rule evaluator: answers on a checklist -> a verdict per item, a summary, the hazards to record.
// Pure: no clock (today is an argument), no storage, no screen. The same as app/checklists/rules.py;
// tests/vectors/rules/ holds both together. Judging a checklist again after one answer: judging.ts.

import { Case, evaluationOf } from './case.ts'
import type { Answers, Checklist, Evaluation, Surroundings } from './types.ts'

/** Judge every item; `around.previous` are the answers of the last inspection of the same site. */
export function evaluate(checklist: Checklist, answers: Answers, around: Surroundings): Evaluation {
  const filled = new Case(checklist, answers, around)
  return evaluationOf(checklist.items.map((item) => filled.judged(item)))
}
