// Judging one answer after the other gives what judging everything gives, on every bundled checklist and every shared vector,
// and judges no more than an answer can reach.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { evaluate } from './evaluate.ts'
import { dependents, judging } from './judging.ts'
import type { Checklist, Item, Surroundings } from './types.ts'

const VECTORS = new URL('../../../tests/vectors/', import.meta.url)
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, VECTORS), 'utf8'))
const named = (folder: string): string[] => readdirSync(new URL(folder, VECTORS)).filter((name) => name.endsWith('.json'))
const CHECKLISTS = named('checklists/').map((name) => read(`checklists/${name}`) as Checklist)
const AROUND: Surroundings = { site: {}, settings: {}, previous: {}, today: '2026-11-21' }
const TAPS = 120

/** Reproducible chance: the same taps in every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * sides)
  }
}

function answersFor(item: Item): unknown[] {
  const out = ['na', undefined, null, { unmeasured: true }, { unknown: true, judged: 'fail' }, 'no such answer']
  if (item.answer.type === 'pass_fail_na') return ['pass', 'fail', ...out]
  if (item.answer.type === 'number') return [0, 1, 3, 99.5, 120, { value: 7, judged: 'fail', blanks: { part: '后门' } }, ...out]
  if (item.answer.type === 'date') return ['2019-01', '2024-09-10', '2026-11', '2031-02', ...out]
  return [...(item.answer.options ?? []), ...out]
}

describe.each(CHECKLISTS.map((list) => [list.id, list] as const))('%s', (_id, list) => {
  it('tap by tap the verdicts, figures and hazards are those of judging everything', () => {
    const roll = dice(list.items.length)
    const judge = judging(list)
    const answers: Record<string, unknown> = {}
    const around = { ...AROUND, previous: Object.fromEntries(list.items.filter((item) => item.answer.type === 'number').map((item) => [item.id, 2])) }
    for (let tap = 0; tap < TAPS; tap++) {
      const item = list.items[roll(list.items.length)]!
      const possible = answersFor(item)
      answers[item.id] = possible[roll(possible.length)]
      expect(judge.evaluate(answers, around)).toEqual(evaluate(list, answers, around))
    }
  })

  it('a tap judges only what its answer can reach, and what did not change keeps its identity', () => {
    const judge = judging(list)
    const reached = dependents(list)
    let before = judge.evaluate({}, AROUND)
    expect(judge.judged()).toBe(list.items.length)
    const answers: Record<string, unknown> = {}
    for (const item of list.items) {
      answers[item.id] = answersFor(item)[0]
      const now = judge.evaluate({ ...answers }, AROUND)
      expect(judge.judged()).toBe(reached.get(item.id)!.size)
      now.verdicts.forEach((verdict, place) => {
        if (!reached.get(item.id)!.has(verdict.item)) expect(verdict).toBe(before.verdicts[place])
      })
      before = now
    }
  })
})

describe('every shared vector', () => {
  it.each(named('rules/'))('%s, case after case in one judging', (name) => {
    const file = read(`rules/${name}`) as { checklist: string | Checklist; today: string; cases: { answers: Record<string, unknown>; site?: object; settings?: object; previous?: object; today?: string }[] }
    const list = typeof file.checklist === 'string' ? (read(`checklists/${file.checklist}.json`) as Checklist) : file.checklist
    const judge = judging(list)
    for (const { answers, site = {}, settings = {}, previous = {}, today = file.today } of file.cases) {
      const around = { site, settings, previous, today } as Surroundings
      expect(judge.evaluate(answers, around)).toEqual(evaluate(list, answers, around))
      expect(judge.evaluate({}, around)).toEqual(evaluate(list, {}, around))
      expect(judge.evaluate(answers, around)).toEqual(evaluate(list, answers, around))
    }
  })
})

it('most answers of the restaurant list reach few items: a tap is no walk over the whole list', () => {
  const list = CHECKLISTS.find(({ id }) => id === 'cl-lpg-restaurant')!
  const sizes = [...dependents(list).values()].map((items) => items.size).sort((a, b) => a - b)
  expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThanOrEqual(2)
})

it('a new day or another file of the site is judged as a whole', () => {
  const [list] = CHECKLISTS
  const judge = judging(list!)
  judge.evaluate({}, AROUND)
  judge.evaluate({}, { ...AROUND, today: '2026-11-22' })
  expect(judge.judged()).toBe(list!.items.length)
})
