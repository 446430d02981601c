// What a tap on the checklist does to the draft, with the bundled checklist and the real evaluator.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import type { HazardDraft, InspectionDraft, Json } from '@/data'
import { evaluate } from '@/rules/evaluate'
import type { Checklist, Evaluation } from '@/rules/types'
import { previousWords, shown, sourceOf, valueFrom } from './answering'
import { sectionsOf } from './sections'
import { answerValues, completeAnswers, hazardStart, openWork, passRest, remember, restItems, settleDraft, unpassRest } from './visit_plan'

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

  test('touches no answer that is there, and taking it back leaves what was changed since', () => {
    answer('LPG-01', 'fail')
    const rest = restItems(LPG, judged())
    passRest(draft, rest)
    expect(draft.answers['LPG-01']?.value).toBe('fail')
    answer('LPG-02', 'fail')
    unpassRest(draft, rest)
    expect(Object.keys(draft.answers).sort()).toEqual(['LPG-01', 'LPG-02'])
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
