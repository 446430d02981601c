// A day of one inspector, handed over by the phone's own sender to the real station at GI_ORIGIN (no part of `npm test`):
// enrolled with GI_CODE, GI_VISITS visits with three photos of GI_PHOTO_BYTES each. It ends when the last photo has its receipt.

import { expect, test } from 'vitest'
import { openDraft } from '../src/data/begin'
import { listChecklists } from '../src/data/checklists'
import { newHazardDraft, useDraft } from '../src/data/drafts'
import { finishDraft } from '../src/data/finish'
import { remaining } from '../src/data/handover'
import { enrol } from '../src/data/enrol'
import { createSite } from '../src/data/one_tap'
import { addPhoto } from '../src/data/photos'
import { plug } from '../src/data/ports'
import { rowsOf } from '../src/data/rows'
import { senderNow } from '../src/data/sender_view'
import { withUser } from '../src/db/access'
import { uuid7 } from '../src/lib/uuid7'
import { claim } from '../src/transport/claim'
import { fetchPicture } from '../src/transport/pictures'
import { Sender } from '../src/transport/sender'
import { newPhone } from './phone'
import { pageAt } from './station'

const PHOTOS_EACH = 3
const TRIES_MAX = 3_000
const PLACE = '餐饮(瓶装液化气)'
const { GI_ORIGIN = '', GI_CODE = '', GI_VISITS = '30', GI_PHOTO_BYTES = '200000' } = process.env
const sender = new Sender({ now: () => Date.now(), random: () => 0.5, setTimer: () => 0, clearTimer: () => undefined, hidden: () => false })

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries++) if (await done()) return
  throw new Error(`not done after ${TRIES_MAX} tries: ${JSON.stringify(senderNow())}`)
}

function bytes(size: number): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(size)
  for (let at = 0; at < size; at += 50_000) crypto.getRandomValues(made.subarray(at, Math.min(size, at + 50_000)))
  return made
}

async function visit(site: string, checklist: string): Promise<void> {
  const opened = await openDraft(site, checklist)
  if (!opened.ok) throw new Error(opened.words)
  const hazard = newHazardDraft({ item: 'LPG-13', finding: '软管长 2.3 米', measure: '换短', deadline: '2026-12-01' })
  await useDraft(opened.value).change((draft) => {
    draft.answers['LPG-13'] = { item: 'LPG-13', value: 2.3, verdict: 'fail', source: 'measured' }
    draft.hazards = [hazard]
    draft.attendance = 'refused'
  })
  for (let made = 0; made < PHOTOS_EACH; made++) await addPhoto({ draft: opened.value, subject: hazard.id, role: 'before' }, new Blob([bytes(Number(GI_PHOTO_BYTES))]))
  const finished = await finishDraft(opened.value)
  if (!finished.ok) throw new Error(finished.words)
}

test('a day is handed over', async () => {
  newPhone()
  pageAt(GI_ORIGIN)
  plug({ claim, wake: () => undefined, picture: fetchPicture })
  await until(async () => (await enrol(GI_CODE)).ok)
  await until(async () => {
    await sender.wake('launch')
    return (await listChecklists([PLACE])).length > 0
  })
  const site = await createSite({ name: '老街川味馆', place_types: [PLACE], area: (await rowsOf('area'))[0]?.id ?? uuid7(), owner_name: '张建国', owner_phone: '13812342210' })
  const checklist = (await listChecklists([PLACE]))[0]?.id ?? ''
  for (let made = 0; made < Number(GI_VISITS); made++) await visit(site.ok ? site.value : '', checklist)
  await until(async () => {
    await sender.wake('manual')
    const left = await remaining()
    return left.facts + left.photos === 0
  })
  const photos = await withUser((db) => db.photos.toArray())
  expect(photos.map((photo) => [photo.state, photo.receipt !== null])).toEqual(Array.from({ length: Number(GI_VISITS) * PHOTOS_EACH }, () => ['held', true]))
})
