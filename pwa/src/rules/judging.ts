// Judging one open checklist again and again: after an answer only the items it can reach are judged anew, the others keep
// the very verdict they had. The same result as evaluate.ts, item for item; it must not know what a tap is.

import { share } from '../lib/share.ts'
import { Case, evaluationOf, type Conditions, type Judged } from './case.ts'
import { gaps } from './sentences.ts'
import type { Answers, Checklist, Evaluation, Item, Surroundings } from './types.ts'

export interface Judging {
  evaluate: (answers: Answers, around: Surroundings) => Evaluation
  /** how many items the last call judged */
  judged: () => number
}

/** Keep one for each checklist that is open; its memory is the last evaluation. */
export function judging(checklist: Checklist): Judging {
  const conditions: Conditions = new Map()
  const reached = dependents(checklist)
  let known: { answers: Answers; around: Surroundings; judged: Judged[]; evaluation: Evaluation } | null = null
  let count = 0

  function again(answers: Answers, around: Surroundings): Judged[] {
    const wanted = known && sameAround(known.around, around) ? touched(checklist, known.answers, answers, reached) : null
    const filled = new Case(checklist, answers, around, conditions)
    count = 0
    return checklist.items.map((item, place) => {
      const before = known?.judged[place]
      if (before && wanted && !wanted.has(item.id)) return before
      count++
      return share(before, filled.judged(item))
    })
  }

  return {
    judged: () => count,
    evaluate: (answers, around) => {
      const judged = again(answers, around)
      const evaluation = share(known?.evaluation, evaluationOf(judged))
      known = { answers: { ...answers }, around, judged, evaluation }
      return evaluation
    },
  }
}

function sameAround(one: Surroundings, other: Surroundings): boolean {
  const { site, settings, previous, today } = one
  return site === other.site && settings === other.settings && previous === other.previous && today === other.today
}

/** Everything an answer that differs can reach. */
function touched(checklist: Checklist, before: Answers, now: Answers, reached: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const found = new Set<string>()
  for (const { id } of checklist.items) {
    if (!sameAnswer(before[id], now[id])) reached.get(id)?.forEach((each) => found.add(each))
  }
  return found
}

function sameAnswer(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === 'object' && typeof other === 'object' && JSON.stringify(one) === JSON.stringify(other))
}

// ---- who depends on whom -----------------------------------------------------------------------

const ANY_DAY: Surroundings = { site: {}, settings: {}, previous: {}, today: '2000-01-01' }

function asked(conditions: readonly (string | undefined)[], list: Case): string[] {
  const names = conditions.flatMap((condition) => (condition === undefined ? [] : list.names(condition)))
  return names.flatMap(({ kind, name }) => (kind === 'item' ? name : []))
}

/** The items whose answers or states decide whether this one is asked. */
const askedForState = (item: Item, list: Case): string[] => asked([item.applies_if, item.na_if], list)

/** Besides those, the items that its level, its notices and its sentences speak of. */
const askedForVerdict = (item: Item, list: Case): string[] => [
  ...askedForState(item, list),
  ...asked([item.level_if, ...(item.notices ?? []).map((notice) => notice.if)], list),
  ...[item.finding?.template, item.finding?.if_unknown, item.finding?.if_judged].flatMap((text) => gaps(text ?? '')),
]

/** For each item those that have to be judged again when its answer changes, itself included. */
export function dependents(checklist: Checklist): Map<string, Set<string>> {
  const list = new Case(checklist, {}, ANY_DAY)
  const forState = checklist.items.map((item) => ({ id: item.id, asks: askedForState(item, list) }))
  const forVerdict = checklist.items.map((item) => ({ id: item.id, asks: askedForVerdict(item, list) }))
  // a circle is cut where the judging enters it (case.ts): only judging all of it enters at the same place
  const inCircle = forState.some(({ id, asks }) => asks.some((name) => statesMoved(id, forState).has(name)))
  if (inCircle) return new Map(checklist.items.map(({ id }) => [id, new Set(checklist.items.map((item) => item.id))]))
  return new Map(checklist.items.map(({ id }) => {
    const moved = statesMoved(id, forState)
    const judged = forVerdict.filter((each) => each.asks.some((name) => moved.has(name))).map((each) => each.id)
    return [id, new Set([...moved, ...judged])]
  }))
}

/** The item and everything whose being asked follows from it, step by step; a circle ends by itself. */
function statesMoved(id: string, forState: readonly { id: string; asks: readonly string[] }[]): Set<string> {
  const moved = new Set([id])
  for (let before = 0; before < moved.size;) {
    before = moved.size
    for (const each of forState) if (each.asks.some((name) => moved.has(name))) moved.add(each.id)
  }
  return moved
}
