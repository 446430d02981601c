// Photos for screens: read in the change handler, scaled one at a time, hashed, stored. It must not send anything.

import { PHOTO_BYTES_MAX } from '../contract/limits'
import type { PhotoSource } from '../contract/wire'
import { StorageTrouble } from '../db/trouble'
import { sha256Hex } from '../lib/bytes'
import { instant, now } from '../lib/time'
import { askOnce } from './ask_worker'
import { Refusal, attempt } from './outcome'
import { storePhoto, unlinkPhoto, type Kept, type NewPhoto } from './photo_store'
import { PHOTO_SIDE_PX, asItCame, scale, type Scaled } from './scale'
import { stationSettings } from './station_settings'
import { makeRoom } from './storage'
import type { Outcome, PhotoSlot, PhotoView } from './types'

const ORIGINAL_BYTES_MAX = 60 * 1024 * 1024
const WORKER_MS_MAX = 30_000
/** below it a plate cannot be read, above it a photo takes minutes on a village's line */
const SIDE_PX_MIN = 800
const SIDE_PX_MAX = 2560
const WORDS_FULL = '手机存满了，这张照片没存进去；写的字都还在。请先上交，或删掉手机里别的东西'

// ---- adding ------------------------------------------------------------------------------------

let queue: Promise<unknown> = Promise.resolve()

/** Every photo given so far is stored or refused; before its draft is finished. */
export async function photosSettled(): Promise<void> {
  await queue
}

/** Call it inside the change handler: the file is read at once (lazy files become empty), the rest queues. */
export function addPhoto(slot: PhotoSlot, file: Blob, source?: PhotoSource): Promise<Outcome<PhotoView>> {
  const kept: Kept = { at: keptAt(), source } // now, not when its turn comes: ten in a row take seconds
  const reading = file.arrayBuffer().catch(() => new ArrayBuffer(0))
  const adding = queue.then(() => attempt(async () => addRead({ ...slot, ...kept }, await reading, file.type)))
  queue = adding
  return adding
}

const SAME_MOMENT_MS = 1000
let latest = 0

/** Photos chosen together keep their order: each is kept a little after the one before. */
function keptAt(): string {
  const at = now().getTime()
  const together = at <= latest && latest - at < SAME_MOMENT_MS // further ahead: the clock was put back
  latest = together ? latest + 1 : at
  return instant(new Date(latest))
}

async function addRead(slot: PhotoSlot & Kept, original: ArrayBuffer, type: string): Promise<PhotoView> {
  if (original.byteLength === 0) throw new Refusal('photo_empty', '这张照片是空的，没有读到内容，请重拍或从相册再选一次', true)
  if (original.byteLength > ORIGINAL_BYTES_MAX) throw new Refusal('photo_too_big', '这个文件太大，不像照片，请换一张')
  const scaled = await scaledAnywhere(original, type, await photoSide())
  if (scaled.body.byteLength > PHOTO_BYTES_MAX) throw new Refusal('photo_too_big', '这张照片手机读不出来，又太大，请重拍一张')
  return storedWithRoom(slot, { ...scaled, sha256: await sha256Hex(scaled.body) })
}

/** On a full phone, photos with a receipt make room first; a photo that still does not fit is said so. */
async function storedWithRoom(slot: PhotoSlot & Kept, photo: NewPhoto): Promise<PhotoView> {
  try {
    return await storePhoto(slot, photo)
  } catch (error) {
    const full = error instanceof StorageTrouble && error.code === 'full'
    if (full && (await makeRoom())) return storePhoto(slot, photo)
    if (full) throw new Refusal('storage_full', WORDS_FULL, true)
    throw error
  }
}

/** The station's longer side for photos (setting photo_side_px); anything else than a sensible one is none. */
export async function photoSide(): Promise<number> {
  const said = (await stationSettings().catch(() => null))?.photo_side_px
  return typeof said === 'number' && said >= SIDE_PX_MIN && said <= SIDE_PX_MAX ? Math.round(said) : PHOTO_SIDE_PX
}

async function scaledAnywhere(original: ArrayBuffer, type: string, side: number): Promise<Scaled> {
  if (typeof Worker !== 'undefined' && typeof OffscreenCanvas !== 'undefined') {
    const scaled = await scaledInWorker(original, type, side).catch(() => null)
    if (scaled) return scaled
  }
  return scale(original, type, side).catch(() => asItCame(original))
}

/** The original is copied over, not handed over: if the worker fails, the page still has it. */
async function scaledInWorker(original: ArrayBuffer, type: string, side: number): Promise<Scaled> {
  const worker = new Worker(new URL('./photo.worker.ts', import.meta.url), { type: 'module' })
  const { scaled, failed } = await askOnce<{ scaled?: Scaled; failed?: string }>(worker, { original, type, side }, WORKER_MS_MAX)
  if (!scaled) throw new Error(failed)
  return scaled
}

export async function removePhoto(slot: PhotoSlot, sha256: string): Promise<Outcome<null>> {
  return attempt(async () => {
    await unlinkPhoto(slot, sha256)
    return null
  })
}
