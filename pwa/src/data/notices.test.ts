import { beforeEach, expect, test } from 'vitest'
import { CHECKLIST, ENROLMENT, SITE, enrolledPhone, wireRow } from '../../tests/phone'
import { NOTICE_HAZARDS_MAX } from '../contract/limits'
import type { FactLine, HazardRow } from '../contract/wire'
import { withUser } from '../db/access'
import { openDraft, openStep } from './begin'
import { newHazardDraft, openDrafts, readDraft, useDraft, useStep } from './drafts'
import { finishDraft } from './finish'
import { openNotice } from './notices'
import { addPhoto } from './photos'
import { applyRows } from './applied_rows'
import { row, rowsOf } from './rows'
import type { Outcome, StepDraft } from './types'

beforeEach(async () => {
  await enrolledPhone()
})

function must<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.words}`)
  return outcome.value
}

async function visit(count: number): Promise<string> {
  const id = must(await openDraft(SITE, CHECKLIST))
  await useDraft(id).change((draft) => {
    draft.hazards = Array.from({ length: count }, (_, index) => newHazardDraft({ item: `LPG-${index + 1}`, finding: `问题 ${index + 1}`, measure: '换掉', deadline: '2026-12-01' }))
    draft.attendance = 'absent'
  })
  must(await finishDraft(id))
  return id
}

async function issue(inspection: string, attendance: 'signed' | 'refused' = 'refused'): Promise<StepDraft> {
  const step = (await readDraft(must(await openNotice(inspection)))) as StepDraft
  await useStep(step.id).change((draft) => { draft.fields = { ...draft.fields, attendance, on_site_name: '张建国' } })
  if (attendance === 'signed') await addPhoto({ draft: step.id, subject: step.subject, role: 'signature' }, new Blob(['signed']))
  must(await finishDraft(step.id))
  return step
}

test('a notice says what was found, is signed offline, and has a number of this phone at once', async () => {
  const { subject } = await issue(await visit(2), 'signed')
  const notice = await row('document', subject)
  const record = (await withUser((db) => db.facts.where('subject').equals(subject).toArray()))[0]!
  expect(notice).toMatchObject({ state: 'issued', pending: true, on_site_name: '张建国', provisional: `临-${ENROLMENT.slice(-8).toUpperCase()}-${record.n}` })
  expect(notice?.hazards.map(({ finding, deadline }) => [finding, deadline])).toEqual([['问题 1', '2026-12-01'], ['问题 2', '2026-12-01']])
  expect(notice?.opening).toContain('下面 2 处')
  const line = JSON.parse(record.line) as FactLine
  expect(line.photos.map(({ role }) => role)).toEqual(['signature'])
  expect(record.line).not.toContain('张建国')
  expect(record.private_line).toContain('张建国')
})

test('numbers of one phone are never two alike', async () => {
  const notices = [await issue(await visit(1)), await issue(await visit(1)), await issue(await visit(1))]
  const rows = await Promise.all(notices.map(({ subject }) => row('document', subject)))
  expect(new Set(rows.map((each) => each?.provisional)).size).toBe(3)
})

test('what was printed stays when the hazard is amended, and no hazard gets a second notice by mistake', async () => {
  const inspection = await visit(1)
  const { subject } = await issue(inspection)
  const [hazard] = await rowsOf('hazard')
  const amended = must(await openStep('hazard.amended', hazard!.id, { finding: '改过的说法' }, SITE))
  must(await finishDraft(amended))
  expect((await row('hazard', hazard!.id))?.finding).toBe('改过的说法')
  expect((await row('document', subject))?.hazards[0]?.finding).toBe('问题 1')
  expect(await openNotice(inspection)).toMatchObject({ ok: false, code: 'nothing_to_tell' })
})

test('after the chief voided a notice its hazards can be told anew', async () => {
  const inspection = await visit(1)
  const { subject } = await issue(inspection)
  const issued = (await row('document', subject))!
  await withUser((db) => db.facts.toCollection().modify({ log_size: 1, state: 'receipted' }))
  const hazards = await rowsOf('hazard')
  const visited = (await row('inspection', inspection))!
  const voided = { ...issued, state: 'void' as const, void_reason: '写错', number: '（北河镇）安整〔2026〕1号' }
  const rows = [wireRow('document', subject, voided), ...hazards.map((each: HazardRow) => wireRow('hazard', each.id, { ...each })), wireRow('inspection', inspection, { ...visited })]
  await applyRows({ store: 'A', rows: rows as never, gone: [], facts: [], marks: { covered: 1 } })
  expect(await row('document', subject)).toMatchObject({ state: 'void', number: '（北河镇）安整〔2026〕1号' })
  expect((await openNotice(inspection)).ok).toBe(true)
})

test('a long visit leaves several notices, and one that is begun is gone on with', async () => {
  const inspection = await visit(NOTICE_HAZARDS_MAX + 3)
  const first = must(await openNotice(inspection))
  expect(must(await openNotice(inspection))).toBe(first)
  expect((await openDrafts()).length).toBe(1)
  await issue(inspection)
  const second = await issue(inspection)
  expect((await row('document', second.subject))?.hazards.length).toBe(3)
  expect(await openNotice(inspection)).toMatchObject({ ok: false })
})
