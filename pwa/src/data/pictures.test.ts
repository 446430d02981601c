// Photos of other phones: the old picture is there at the recheck without signal, and gone with what one may no longer see.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { effectScope, nextTick, type EffectScope } from 'vue'
import { SITE, enrolledPhone, killBrowser, wireRow } from '../../tests/phone'
import { PICTURES_BYTES_MAX, clearPictures, hasPicture, pictureSubjects, putPicture, readPicture, startPicturesOver } from '../db/pictures'
import { enrol } from './enrol'
import { dropPicturesOutOfScope, fetchPicturesAhead, usePicture, type Picture } from './pictures'
import { changeTo } from './people'
import { plug, type PictureAnswer } from './ports'
import { applyRows } from './applied_rows'
import { changed } from './signal'
import { readAhead } from './start'

const HOSE = '018f0000-0000-7000-8000-000000000a01'
const CURTAIN = '018f0000-0000-7000-8000-000000000a02'
const [OLD, OTHER] = ['0d'.repeat(32), 'cd'.repeat(32)]
const asked: string[] = []
let answer: PictureAnswer | null
let screen: EffectScope

function hazard(id: string, sha256: string, fields: object): ReturnType<typeof wireRow> {
  return wireRow('hazard', id, { state: 'rectifying', site: SITE, finding: '软管老化', level: 'general', found_on: '2026-01-01', photos: [{ sha256, role: 'before', fact: 'f', at: '2026-01-01T00:00:00.000Z' }], ...fields })
}
function jpeg(size = 3): ArrayBuffer {
  return new Uint8Array(size).fill(7).buffer
}

async function restart(): Promise<void> {
  killBrowser()
  startPicturesOver()
  await readAhead(false)
}

beforeEach(async () => {
  await enrolledPhone()
  startPicturesOver()
  asked.length = 0
  answer = { body: jpeg(), whole: true }
  plug({
    wake: vi.fn(),
    claim: () => Promise.resolve({ ok: true, value: { claimed: { account: { id: 'ben' }, station: { id: 'st', name: '' }, enrolment: 'e', token: 't', server_key: 'k', epoch: 1, time: '2026-11-21T02:00:00.000Z' } as never, sent_at: 0, received_at: 0 } }),
    picture: (sha256, size) => {
      asked.push(`${sha256.slice(0, 2)}:${size}`)
      return Promise.resolve(answer)
    },
  })
  // long past its deadline, and one that nobody waits for
  const rows = [hazard(HOSE, OLD, { deadline: '2026-01-05' }), hazard(CURTAIN, OTHER, { deadline: '2999-01-05' })]
  await applyRows({ store: 'A', rows, gone: [], facts: [], marks: {} })
  vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:picture', revokeObjectURL: () => undefined }))
})

function looking(sha256: string, subject: string | null): Picture {
  screen = effectScope()
  return screen.run(() => usePicture(() => ({ sha256, subject }), 'thumbnail')) as Picture
}

afterEach(() => screen?.stop())

test('what waits for a recheck is fetched ahead, once, and then shown without asking anybody', async () => {
  await fetchPicturesAhead(() => true)
  await fetchPicturesAhead(() => true)
  expect(asked).toEqual(['0d:thumbnail'])
  answer = null // the village has no signal
  const picture = looking(OLD, HOSE)
  await vi.waitFor(() => expect(picture.url.value).toBe('blob:picture'))
  expect(asked).toHaveLength(1)
})

test('nothing is fetched ahead while work is handed over', async () => {
  await fetchPicturesAhead(() => false)
  expect(asked).toEqual([])
})

test('without signal it is a word, and a picture as soon as the station was reached', async () => {
  answer = null
  const picture = looking(OTHER, CURTAIN)
  await vi.waitFor(() => expect(asked).toContain('cd:thumbnail'))
  expect(picture.url.value).toBeNull()
  answer = { body: jpeg(), whole: true }
  await nextTick()
  changed('rows')
  await vi.waitFor(() => expect(picture.url.value).toBe('blob:picture'))
})

test('a preview is shown but not kept: the photo itself is still on its way', async () => {
  answer = { body: jpeg(), whole: false }
  const picture = looking(OLD, HOSE)
  await vi.waitFor(() => expect(picture.url.value).toBe('blob:picture'))
  expect(await hasPicture(`${OLD}:thumbnail`)).toBe(false)
})

test('nobody is asked about a photo of a draft', async () => {
  const picture = looking('ab'.repeat(32), null)
  await vi.waitFor(() => expect(picture.asking.value).toBe(false))
  expect(asked).toEqual([])
})

test('the pictures of a hazard that left the scope go, the others stay', async () => {
  await fetchPicturesAhead(() => true)
  await putPicture({ key: `${OTHER}:view`, subject: CURTAIN, bytes: 3, used_at: '2026-01-01' }, jpeg())
  await applyRows({ store: 'A', rows: [], gone: [HOSE], facts: [], marks: {} })
  await dropPicturesOutOfScope()
  expect(await pictureSubjects()).toEqual([CURTAIN])
  expect(await readPicture(`${OLD}:thumbnail`, '2026-01-02')).toBeNull()
})

test('whoever enrols on this phone next finds no picture of the one before', async () => {
  await fetchPicturesAhead(() => true)
  expect(await pictureSubjects()).toEqual([HOSE])
  expect((await enrol('AB2C3DEF')).ok).toBe(true)
  await restart()
  expect(await pictureSubjects()).toEqual([])
  await changeTo('')
  await restart()
  expect(await pictureSubjects()).toEqual([HOSE])
})

test('when there are too many, the ones not looked at for longest make room', async () => {
  await clearPictures()
  const half = PICTURES_BYTES_MAX / 2
  for (const [key, used_at] of [['a', '2026-01-01'], ['b', '2026-01-02']] as const) await putPicture({ key, subject: HOSE, bytes: half, used_at }, jpeg())
  await readPicture('a', '2026-01-03')
  await putPicture({ key: 'c', subject: HOSE, bytes: half, used_at: '2026-01-04' }, jpeg())
  expect([await hasPicture('a'), await hasPicture('b'), await hasPicture('c')]).toEqual([true, false, true])
  expect(await readPicture('b', '2026-01-05')).toBeNull()
})
