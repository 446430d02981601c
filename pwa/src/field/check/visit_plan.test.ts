// What a tap on the checklist does to the draft, with the bundled checklist and the real evaluator.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import type { HazardDraft, InspectionDraft, Json } from '@/data'
import { evaluate } from '@/rules/evaluate'
import type { Checklist, Evaluation } from '@/rules/types'
import { previousWords, shown, sourceOf, valueFrom } from './answering'
import { sectionsOf } from './sections'
import { answerValues, blanksLeft, completeAnswers, hazardStart, openWork, passRest, remember, restItems, settleDraft, carryDates, datesToCarry } from './visit_plan'
import { takeBack, withStep } from './undo'

const path = fileURLToPath(new URL('../../../../tests/vectors/checklists/cl-lpg-restaurant.json', import.meta.url))
const LPG = JSON.parse(readFileSync(path, 'utf-8')) as Checklist
const TODAY = '2026-11-21'
const OWNER = { name: '张建国', phone: '13800002210' }
let draft: InspectionDraft
let photographed: Set<string>

beforeEach(() => {
  photographed = new Set()
  draft = {
    type: 'inspection', id: 'v', site: 's', checklist: LPG.id, checklist_version: 1, checklist_sha256: '', method: 'routine', started_at: '', answers: {}, hazards: [], attendance: null,
    companions: [], remark: '', on_site_name: '', on_site_post: '', on_site_phone: '', place: {}, updated_at: '', revision: 0,
  }
})

function judged(): Evaluation {
  return evaluate(LPG, answerValues(draft.answers), { site: {}, settings: {}, previous: {}, today: TODAY })
}
function answer(item: string, value: Json): Evaluation {
  draft.answers[item] = { item, value, verdict: 'unanswered', source: 'tapped' }
  settleDraft(draft, judged(), (hazard) => hazard.done || photographed.has(hazard.id))
  return judged()
}
function hazardOf(item: string): HazardDraft {
  const toFind = judged().hazards.find((each) => each.item === item)!
  const hazard = { id: `h-${item}`, spot: '', spot_fixed: false, spot_fixed_note: '', done: false, ...hazardStart(toFind, TODAY, OWNER) } as HazardDraft
  draft.hazards.push(hazard)
  return hazard
}

test('120 kg without a gas room, a long hose, an old hose and an old regulator are four hazards, one suspected major', () => {
  answer('LPG-03', 120)
  answer('LPG-04', 'fail')
  answer('LPG-13', 2.3)
  answer('LPG-15', '2024-09')
  answer('LPG-10', '2020-03')
  expect(openWork(draft, judged()).failed.map((each) => [each.item, each.level])).toEqual([
    ['LPG-04', 'suspected_major'], ['LPG-10', 'general'], ['LPG-13', 'general'], ['LPG-15', 'general'],
  ])
})

test('a hazard comes with sentence, measure, deadline and owner already there', () => {
  answer('LPG-13', 2.3)
  expect(hazardOf('LPG-13')).toMatchObject({
    finding: '连接软管长约2.3米，不在1.2–2.0米范围', measure: '更换为合规长度软管', deadline: '2026-11-22', disposition: 'by_deadline', level: 'general', fix_owner: '张建国', fix_owner_phone: '13800002210',
  })
})

describe('其余合格', () => {
  test('never fills a number, a date or a reading', () => {
    passRest(draft, restItems(LPG, judged()))
    const filled = Object.keys(draft.answers)
    expect(filled.length).toBeGreaterThan(8)
    expect(LPG.items.filter((item) => filled.includes(item.id) && (item.answer.type !== 'pass_fail_na' || item.role === 'reading'))).toEqual([])
  })

  test('touches no answer that is there, and one step takes all of it back', () => {
    answer('LPG-01', 'fail')
    const rest = restItems(LPG, judged())
    const steps = withStep([], draft, rest)
    passRest(draft, rest)
    expect(draft.answers['LPG-01']?.value).toBe('fail')
    takeBack(draft, steps[0]!)
    expect(Object.keys(draft.answers)).toEqual(['LPG-01'])
  })

  test('takes over the dates of the last visit that still hold, says so, and nothing that was measured', () => {
    const previous = { 'LPG-10': '2024-05', 'LPG-11': { unknown: true }, 'LPG-15': '2024-03', 'LPG-19': '2027-08', 'LPG-13': 1.5, 'LPG-03': 45 }
    const judge = (values: Record<string, Json>): Evaluation => evaluate(LPG, values, { site: {}, settings: {}, previous, today: TODAY })
    const dates = datesToCarry(LPG, draft.answers, previous, judge)
    // the hose is over two years old by now: that is looked at, not taken over
    expect(dates.map(({ id }) => id)).toEqual(['LPG-10', 'LPG-19'])
    carryDates(draft, dates, previous)
    expect(Object.values(draft.answers).map(({ item, value, source }) => [item, value, source])).toEqual([['LPG-10', '2024-05', 'carried'], ['LPG-19', '2027-08', 'carried']])
  })
})

describe('撤销上一步', () => {
  const item = (id: string): Checklist['items'][number] => LPG.items.find((each) => each.id === id)!

  test('gives back the answer before, also one that was there', () => {
    answer('LPG-02', 'pass')
    const steps = withStep([], draft, [item('LPG-02')])
    answer('LPG-02', 'fail')
    takeBack(draft, steps[0]!)
    expect(draft.answers['LPG-02']?.value).toBe('pass')
  })

  test('a number typed digit by digit is one step', () => {
    let steps = withStep([], draft, [item('LPG-03')])
    answer('LPG-03', 1)
    steps = withStep(steps, draft, [item('LPG-03')])
    answer('LPG-03', 12)
    expect(steps).toHaveLength(1)
    takeBack(draft, steps[0]!)
    expect(draft.answers['LPG-03']).toBeUndefined()
  })
})

describe('when an answer changes', () => {
  test('the sentence of the hazard follows the number', () => {
    answer('LPG-13', 2.3)
    const hazard = hazardOf('LPG-13')
    answer('LPG-13', 2.6)
    expect(hazard.finding).toContain('2.6米')
  })

  test('words written by hand stay as they are', () => {
    answer('LPG-13', 2.3)
    const hazard = hazardOf('LPG-13')
    remember(draft, hazard.id, { own_words: true })
    hazard.finding = '管子太长，绕过灶台'
    answer('LPG-13', 2.6)
    expect(hazard.finding).toBe('管子太长，绕过灶台')
  })

  test('a hazard nobody worked on goes with its reason', () => {
    answer('LPG-13', 2.3)
    hazardOf('LPG-13')
    answer('LPG-13', 1.8)
    expect(draft.hazards).toEqual([])
  })

  test('a photographed hazard stays, and is shown as left over', () => {
    answer('LPG-13', 2.3)
    photographed.add(hazardOf('LPG-13').id)
    const after = answer('LPG-13', 1.8)
    expect(openWork(draft, after).stale.map((hazard) => hazard.item)).toEqual(['LPG-13'])
  })
})

test('the gas room is asked for only above 100 kg, and says where it went', () => {
  const before = sectionsOf(LPG, judged()).find((section) => section.folded.some((each) => each.item.id === 'LPG-04'))
  expect(before?.folded.find((each) => each.item.id === 'LPG-04')?.waits).toBe(true)
  const after = sectionsOf(LPG, answer('LPG-03', 120)).flatMap((section) => section.asked)
  expect(after.map((item) => item.id)).toContain('LPG-04')
})

test('a finished visit carries one line per item, in the order of the checklist', () => {
  answer('LPG-13', 2.3)
  answer('LPG-01', 'pass')
  completeAnswers(draft, judged())
  expect(Object.keys(draft.answers)).toEqual(LPG.items.map((item) => item.id))
  expect(draft.answers['LPG-13']).toMatchObject({ value: 2.3, verdict: 'fail' })
  expect(draft.answers['LPG-02']).toMatchObject({ value: null, verdict: 'unanswered' })
})

describe('last time', () => {
  const hose = LPG.items.find((item) => item.id === 'LPG-15')!
  test('is offered in words people use', () => expect(previousWords(hose, '2024-09')).toBe('2024年9月'))
  test('is not offered when it said nothing', () => expect(previousWords(hose, { unknown: true })).toBeNull())
})

test('what a control shows goes back to the same answer', () => {
  for (const value of ['pass', 'na', 2.3, '2024-09', { unmeasured: true }, { unknown: true }, { value: 2.3, judged: 'fail' }] as const) expect(valueFrom(shown(value))).toEqual(value)
  expect(sourceOf(LPG.items.find((item) => item.id === 'LPG-13')!, shown(2.3))).toBe('measured')
})

test('a figure taken back after the hazard was recorded is asked for again before the visit can be finished', () => {
  answer('LPG-13', 2.3)
  hazardOf('LPG-13').done = true
  expect(openWork(draft, judged()).failed).toEqual([])
  answer('LPG-13', { unmeasured: true, judged: 'fail' })
  expect(blanksLeft(draft, draft.hazards[0]!, judged().hazards[0])).toEqual(['软管长'])
  expect(openWork(draft, judged()).failed.map((each) => each.item)).toEqual(['LPG-13'])
  remember(draft, draft.hazards[0]!.id, { filled: { value: '若干' } })
  expect(openWork(draft, judged()).failed).toEqual([])
})
