import { beforeEach, expect, test } from 'vitest'
import { enrolledPhone, wireRow } from '../../tests/phone'
import type { FactLine } from '../contract/wire'
import { withUser } from '../db/access'
import { openActivity, openQuestion, recordAtOnce, useActivities } from './activities'
import { listChecklists } from './checklists'
import { openDrafts, readDraft, useStep } from './drafts'
import { finishDraft } from './finish'
import { giveFeedback } from './one_tap'
import { addPhoto } from './photos'
import { applyRows } from './applied_rows'
import type { Outcome, StepDraft } from './types'

const ZERO = { schema: 'grid-activity/1', id: 'ac-zero', version: 1, type: 'zero_report', title: '零报告', quick: '今天没有事', items: [{ id: 'ZR-01', text: '发生事故没有', answer: { type: 'choice', options: ['没有', '有'] }, default: '没有', required: true }] }
const DRILL = { schema: 'grid-activity/1', id: 'ac-drill', version: 2, type: 'drill', title: '应急演练', photos: true, items: [{ id: 'DR-01', text: '练什么', answer: { type: 'text' }, required: true }, { id: 'DR-02', text: '多少人', answer: { type: 'number' } }] }

beforeEach(async () => {
  await enrolledPhone()
  const rows = [ZERO, DRILL].map((content, index) => {
    const id = `018f0000-0000-7000-8000-00000000ac0${index}`
    return wireRow('checklist', id, { checklist: content.id, version: content.version, sha256: 'f'.repeat(64), content, state: 'known' })
  })
  await applyRows({ store: 'A', rows: rows as never, gone: [], facts: [], marks: {} })
})

function must<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.words}`)
  return outcome.value
}

async function lines(): Promise<FactLine[]> {
  return (await withUser((db) => db.facts.orderBy('n').toArray())).map((record) => JSON.parse(record.line) as FactLine)
}

test('a zero report is one tap, says which form and version it was filled with, and stands under 我记的', async () => {
  must(await recordAtOnce('ac-zero'))
  const [line] = await lines()
  expect(line).toMatchObject({ kind: 'activity.recorded', body: { type: 'zero_report', form: 'ac-zero', form_version: 1, form_sha256: 'f'.repeat(64), entries: [{ item: 'ZR-01', value: '没有' }] } })
  expect((line?.body as { day: string }).day).toMatch(/^\d{4}-\d\d-\d\d$/)
  const shown = useActivities()
  await expect.poll(() => shown.value.value?.recorded.length).toBe(1)
  expect(shown.value.value).toMatchObject({ titles: { zero_report: '零报告' }, recorded: [{ kind: 'zero_report', pending: true }] })
  expect(shown.value.value?.forms.map(({ title }) => title)).toEqual(['零报告', '应急演练'])
  expect(await recordAtOnce('ac-drill')).toMatchObject({ ok: false, code: 'not_quick' })
})

test('a form is gone on with where it was left, is not finished with a question open, and carries its photos', async () => {
  const id = must(await openActivity('ac-drill'))
  expect(must(await openActivity('ac-drill'))).toBe(id)
  expect(await openQuestion((await readDraft(id)) as StepDraft)).toBe('练什么')
  await useStep(id).change((draft) => { draft.fields = { ...draft.fields, entries: [{ item: 'DR-01', value: '燃气泄漏' }, { item: 'DR-02', value: 40 }] } })
  const step = (await readDraft(id)) as StepDraft
  expect(await openQuestion(step)).toBe(null)
  await addPhoto({ draft: id, subject: step.subject, role: 'scene' }, new Blob(['hall']))
  must(await finishDraft(id))
  const [line] = await lines()
  expect(line).toMatchObject({ subject: step.subject, body: { form: 'ac-drill', form_version: 2, entries: [{ item: 'DR-01', value: '燃气泄漏' }, { item: 'DR-02', value: 40 }] } })
  expect(line?.photos.map(({ role }) => role)).toEqual(['scene'])
  expect((await withUser((db) => db.facts.toArray())).map(({ title }) => title)).toEqual(['应急演练'])
  expect(await openDrafts()).toEqual([])
})

test('forms are no checklists, and feedback is no activity of a form', async () => {
  expect((await listChecklists([])).map(({ id }) => id).filter((each) => each.startsWith('ac-'))).toEqual([])
  must(await giveFeedback('字太小'))
  const shown = useActivities()
  await expect.poll(() => shown.ready.value).toBe(true)
  expect(shown.value.value?.recorded).toEqual([])
})
