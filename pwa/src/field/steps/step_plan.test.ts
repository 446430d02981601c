// A later statement may be put away only when it says something.

import { expect, test } from 'vitest'
import type { HazardRow } from '@/contract/wire'
import type { JsonObject, PhotoView, StepDraft, StepKind } from '@/data'
import { canRecheck, stateWords, storyOf } from '../hazard_story'
import { itemOf, missingOf } from './step_plan'

function step(kind: StepKind, fields: JsonObject): StepDraft {
  return { type: 'step', id: 'd', kind, subject: 'h', site: 's', fields, seen: [], place: {}, updated_at: '', revision: 0 }
}

test('a recheck that found it not put right needs a new deadline', () => {
  expect(missingOf(step('hazard.rechecked', {}), [])).toBe('请选改好了没有')
  expect(missingOf(step('hazard.rechecked', { result: 'partly' }), [])).toBe('没改好的，请定一个新期限')
  expect(missingOf(step('hazard.rechecked', { result: 'not_fixed', new_deadline: '2026-12-01' }), [])).toBeNull()
  expect(missingOf(step('hazard.rechecked', { result: 'fixed' }), [])).toBeNull()
})

test('an answer to the chief may be a photo alone, but not nothing', () => {
  expect(missingOf(step('hazard.resubmitted', {}), [])).toContain('还没有改什么')
  expect(missingOf(step('hazard.resubmitted', {}), [{} as PhotoView])).toBeNull()
  expect(missingOf(step('inspection.corrected', { reply: '是后门' }), [])).toBeNull()
})

test('emptying a remark is an answer too', () => {
  expect(missingOf(step('inspection.corrected', { remark: '' }), [])).toBeNull()
  expect(missingOf(step('site.amended', { note: '' }), [])).toBeNull()
})

test('a day typed over and left half is not handed over as if nothing had been changed', () => {
  expect(missingOf(step('hazard.resubmitted', { deadline: null, reply: '改好了' }), [])).toContain('期限')
  expect(missingOf(step('hazard.resubmitted', { deadline: '2026-12-01' }), [])).toBeNull()
  expect(missingOf(step('hazard.fix_reported', { fixed_on: null }), [])).toBe('请写哪天改好的')
})

test('an answer that says signed brings the signature', () => {
  const signed = step('inspection.corrected', { attendance: 'signed' })
  expect(missingOf(signed, [])).toContain('请对方签名')
  expect(missingOf(signed, [{ role: 'signature' } as PhotoView])).toBeNull()
})

test('a remark finds its item under every spelling', () => {
  expect([itemOf('LPG-02'), itemOf('answers.LPG-02'), itemOf('answers[LPG-02]'), itemOf('spot')]).toEqual(['LPG-02', 'LPG-02', 'LPG-02', null])
})

const HAZARD = { state: 'fix_pending', found_on: '2026-11-01', fixed_on: '2026-11-10', rechecked_on: '2026-11-12', recheck_result: 'fixed', level: 'general' } as HazardRow

test('the story of a hazard is told in the order it happened', () => {
  expect(storyOf(HAZARD, '2026-11-21').map((line) => line.what)).toEqual(['查出', '报告改好', '复查：已整改'])
  expect(stateWords(HAZARD)).toBe('复查已过，等销号')
})

test('what the chief has closed is not rechecked from a phone', () => {
  expect([canRecheck(HAZARD), canRecheck({ ...HAZARD, state: 'closed' }), canRecheck({ ...HAZARD, state: 'void' })]).toEqual([true, false, false])
})
