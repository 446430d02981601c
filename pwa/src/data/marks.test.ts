// What a finger drew on a photo: kept at once beside it, said with it, and never lost between drawing and saving.

import { beforeEach, expect, test, vi } from 'vitest'
import { CHECKLIST, SITE, enrolledPhone, killBrowser } from '../../tests/phone'
import { MARKS_PER_PHOTO_MAX } from '../contract/limits'
import type { FactLine, PhotoMark } from '../contract/wire'
import { withUser } from '../db/access'
import { openDraft } from './begin'
import { useDraft } from './drafts'
import { finishDraft } from './finish'
import { addMark, undoMark } from './marks'
import { photoBytes, photosOfDraft } from './photo_store'
import { addPhoto } from './photos'
import type { Outcome, PhotoSlot } from './types'

const CIRCLE: PhotoMark = { shape: 'circle', box: [100, 200, 400, 500] }
const ARROW: PhotoMark = { shape: 'arrow', box: [900, 900, 410, 510] }
let slot: PhotoSlot
let sha256: string

function must<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.words}`)
  return outcome.value
}

beforeEach(async () => {
  await enrolledPhone()
  const draft = must(await openDraft(SITE, CHECKLIST))
  await useDraft(draft).change((each) => { each.attendance = 'absent' })
  slot = { draft, subject: draft, role: 'scene' }
  ;({ sha256 } = must(await addPhoto(slot, new Blob(['the valve']), 'camera')))
})

async function saved(): Promise<FactLine> {
  const [record] = await withUser((db) => db.facts.toArray())
  return JSON.parse(record!.line) as FactLine
}

test('a circle and an arrow outlive a killed page, are said with the photo, and its bytes are as they came', async () => {
  expect(must(await addMark(slot, sha256, CIRCLE))).toEqual([CIRCLE])
  expect(must(await addMark(slot, sha256, ARROW))).toEqual([CIRCLE, ARROW])
  killBrowser()
  expect((await photosOfDraft(slot.draft))[0]?.marks).toEqual([CIRCLE, ARROW])
  must(await finishDraft(slot.draft))
  expect((await saved()).photos).toMatchObject([{ sha256, role: 'scene', source: 'camera', marks: [CIRCLE, ARROW] }])
  expect(new TextDecoder().decode((await photoBytes(sha256, 'full'))!)).toBe('the valve')
})

test('the last mark can be taken back; a photo nobody drew on says nothing of marks', async () => {
  must(await addMark(slot, sha256, CIRCLE))
  expect(must(await undoMark(slot, sha256))).toEqual([])
  expect(must(await undoMark(slot, sha256))).toEqual([])
  must(await finishDraft(slot.draft))
  expect((await saved()).photos[0]).not.toHaveProperty('marks')
})

test('one mark too many is refused with a sentence, and the others stay', async () => {
  for (let each = 0; each < MARKS_PER_PHOTO_MAX; each++) must(await addMark(slot, sha256, CIRCLE))
  expect(await addMark(slot, sha256, ARROW)).toMatchObject({ ok: false, code: 'marks_full', words: expect.stringContaining('撤销') })
  expect((await photosOfDraft(slot.draft))[0]?.marks).toHaveLength(MARKS_PER_PHOTO_MAX)
})

test('a mark drawn in another tab while the visit is being saved is in it, or nothing was saved', async () => {
  const digest = vi.spyOn(crypto.subtle, 'digest')
  const genuine = digest.getMockImplementation() ?? SubtleCrypto.prototype.digest
  let drawn: Outcome<PhotoMark[]> | null = null
  digest.mockImplementation(async (...args) => {
    if (!drawn) {
      drawn = { ok: false, code: 'coming', words: '', retry: true }
      drawn = await addMark(slot, sha256, CIRCLE)
    }
    return genuine.apply(crypto.subtle, args)
  })
  const outcome = await finishDraft(slot.draft)
  digest.mockRestore()
  expect(drawn).toMatchObject({ ok: true })
  expect(outcome).toMatchObject({ ok: false, code: 'draft_changed', retry: true })
  must(await finishDraft(slot.draft))
  expect((await saved()).photos[0]?.marks).toEqual([CIRCLE])
})

test('what is handed over is drawn on no more', async () => {
  must(await finishDraft(slot.draft))
  expect(await addMark(slot, sha256, CIRCLE)).toMatchObject({ ok: false, code: 'draft_gone' })
})
