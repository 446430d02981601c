import { beforeEach, expect, test } from 'vitest'
import { CHECKLIST, SITE, enrolledPhone, failure, interceptTransactions, killBrowser, wireRow } from '../../tests/phone'
import { withUser } from '../db/access'
import { sha256Hex, utf8 } from '../lib/bytes'
import { openDraft } from './begin'
import { useDraft } from './drafts'
import { finishDraft } from './finish'
import { photosOfDraft } from './photo_store'
import { captureIntent, openCaptureIntent } from './capture_intent'
import type { Made, Shot } from './photo_maker'
import { addPhoto, photoSide, removePhoto } from './photos'
import { pixelsOf } from './picture_size'
import { updateIdentity } from './identity'
import { applyRows } from './applied_rows'
import { tidy } from './storage'
import type { PhotoSlot } from './types'

let slot: PhotoSlot

beforeEach(async () => {
  await enrolledPhone()
  const opened = await openDraft(SITE, CHECKLIST)
  if (!opened.ok) throw new Error(opened.words)
  slot = { draft: opened.value, subject: opened.value, role: 'scene' }
})

test('the camera killed the page: Ana comes back to the same item, and the intent ends with the photo', async () => {
  await captureIntent(slot, '/field/drafts/1/hazards/2')
  killBrowser()
  expect(await openCaptureIntent()).toMatchObject({ ...slot, route: '/field/drafts/1/hazards/2' })
  await addPhoto(slot, new Blob(['jpeg']))
  expect(await openCaptureIntent()).toBeNull()
})

test('of photos taken in a row only the last ends the way back, and none while the camera is still open', async () => {
  await captureIntent(slot, '/field/visits/1?item=LPG-13')
  let open = true
  const first = addPhoto(slot, new Blob(['one']), 'camera', () => open)
  const second = addPhoto(slot, new Blob(['two']), 'camera', () => open)
  await first
  open = false // 好了, while the second is being made
  expect(await openCaptureIntent()).not.toBeNull()
  await second
  expect(await openCaptureIntent()).toBeNull()

  await captureIntent(slot, '/field/visits/1?item=LPG-13')
  await addPhoto(slot, new Blob(['three']), 'camera', () => true)
  killBrowser()
  expect(await openCaptureIntent()).not.toBeNull()
  expect(await photosOfDraft(slot.draft)).toHaveLength(3)
})

test('a picture off the camera that could be made nowhere is told, and the next one is stored', async () => {
  const shot = (made: Promise<Made>): Shot => ({ drawn: Promise.resolve(), made })
  const body = utf8('jpeg').buffer
  const good: Made = { body, thumb: new ArrayBuffer(1), preview: new ArrayBuffer(1), width: 4, height: 3, decoded: true, sha256: await sha256Hex(body) }
  const outcomes = await Promise.all([addPhoto(slot, shot(Promise.reject(new Error('no memory')))), addPhoto(slot, shot(Promise.resolve(good)))])
  expect(outcomes[0]).toMatchObject({ ok: false, code: 'photo_empty', words: expect.stringContaining('请重拍') })
  expect(outcomes[1]).toMatchObject({ ok: true, value: { sha256: good.sha256, width: 4 } })
})

test('a lazy file that turned out empty is refused with a sentence, and the others go on', async () => {
  const outcomes = await Promise.all([addPhoto(slot, new Blob(['one'])), addPhoto(slot, new Blob([])), addPhoto(slot, new Blob(['three']))])
  expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true])
  expect(outcomes[1]).toMatchObject({ code: 'photo_empty' })
  expect(await photosOfDraft(slot.draft)).toHaveLength(2)
})

test('a file that no browser can decode is kept byte for byte, never dropped', async () => {
  const heic = new Blob(['ftypheic something'])
  expect(await addPhoto(slot, heic)).toMatchObject({ ok: true, value: { decoded: false, sha256: await sha256Hex('ftypheic something') } })
  const kept = await withUser((db) => db.photoBodies.toArray())
  expect(new Uint8Array(kept[0]!.body)).toEqual(utf8('ftypheic something'))
})

test("Ana's words survive a disk that a photo filled", async () => {
  const spy = interceptTransactions(([, tables], real) => {
    const holdsPhotos = Array.isArray(tables) && (tables as { name: string }[]).some((table) => table.name === 'photoBodies')
    return holdsPhotos ? Promise.reject(failure('AbortError', 'abort', 'QuotaExceededError')) : real()
  })
  expect(await addPhoto(slot, new Blob(['big']))).toMatchObject({ ok: false, code: 'storage_full', words: expect.stringContaining('写的字都还在') })
  expect(await useDraft(slot.draft).change((draft) => (draft.remark = '还能写'))).toBe(true)
  spy.mockRestore()
})

test('on a full phone, photos with a receipt make room before a new one is refused', async () => {
  const held = await addPhoto(slot, new Blob(['old and received']))
  if (!held.ok) throw new Error(held.words)
  await withUser((db) => db.photoUses.clear())
  await withUser((db) => db.photos.update(held.value.sha256, { state: 'held', receipt: '{}', held_at: '2026-11-01T00:00:00.000Z' }))
  let full = 1
  const spy = interceptTransactions(([, tables], real) => (Array.isArray(tables) && tables.length === 6 && full-- > 0 ? Promise.reject(failure('QuotaExceededError', 'q')) : real()))
  expect(await addPhoto(slot, new Blob(['new']))).toMatchObject({ ok: true })
  spy.mockRestore()
  expect((await withUser((db) => db.photos.get(held.value.sha256)))?.body_gone).toBe(true)
})

test('a photo still being made when Ana taps finish travels with the visit', async () => {
  await useDraft(slot.draft).change((draft) => (draft.attendance = 'absent'))
  const adding = addPhoto(slot, new Blob(['slow']))
  expect(await finishDraft(slot.draft)).toMatchObject({ ok: true, value: { photos: 1 } })
  expect((await adding).ok).toBe(true)
  expect(await addPhoto(slot, new Blob(['too late']))).toMatchObject({ ok: false, code: 'draft_gone' })
})

test('a photo taken out of one hazard stays as long as another one uses it', async () => {
  const other: PhotoSlot = { ...slot, subject: '018f0000-0000-7000-8000-0000000000a2', role: 'before' }
  const photo = await addPhoto(slot, new Blob(['same']))
  await addPhoto(other, new Blob(['same']))
  if (!photo.ok) throw new Error(photo.words)
  await removePhoto(slot, photo.value.sha256)
  expect(await withUser((db) => db.photoBodies.count())).toBe(1)
  await removePhoto(other, photo.value.sha256)
  expect(await withUser((db) => db.photoBodies.count())).toBe(0)
})

test('tidying never touches a photo that has no receipt yet, however old', async () => {
  await addPhoto(slot, new Blob(['waiting']))
  await withUser((db) => db.photos.toCollection().modify({ state: 'waiting', at: '2020-01-01T00:00:00.000Z', log_size: 1 }))
  await updateIdentity({ backed_up_to: 999, days: { count: 999, station: '', phone: '' } })
  await tidy()
  expect(await withUser((db) => db.photoBodies.count())).toBe(1)
})

test('a picture of 200 megapixels is recognised before the decoder takes the page down', () => {
  const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8, 0x27, 0x10, 0x4e, 0x20, 3, 0, 0, 0, 0])
  expect(pixelsOf(jpeg.buffer)).toBe(10_000 * 20_000)
  expect(pixelsOf(utf8('a text file named .jpg').buffer)).toBeNull()
  expect(pixelsOf(new ArrayBuffer(0))).toBeNull()
})

test('the station says how large photos are kept; nonsense leaves the 1,600 px evidence needs', async () => {
  const said = async (value: unknown): Promise<number> => {
    await applyRows({ store: 'A', rows: [wireRow('setting', '018f0000-0000-7000-8000-0000000000e1', { name: 'photo_side_px', value })], gone: [], facts: [], marks: {} })
    return photoSide()
  }
  expect(await photoSide()).toBe(1600)
  expect(await said(1280)).toBe(1280)
  for (const nonsense of [20, 90_000, '1280', null]) expect(await said(nonsense)).toBe(1600)
})
