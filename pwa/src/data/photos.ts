// Photos for screens: read in the change handler, made one at a time (photo_maker.ts), stored. It must not send anything.

import { PHOTO_BYTES_MAX } from '../contract/limits'
import type { PhotoSource } from '../contract/wire'
import { StorageTrouble } from '../db/trouble'
import { instant, now } from '../lib/time'
import { Refusal, attempt } from './outcome'
import { makePhoto, makeShot, type Made, type Shot } from './photo_maker'
import { storePhoto, unlinkPhoto, type Kept } from './photo_store'
import { PHOTO_SIDE, photoSideOf } from '../rules/photo_side'
import { stationSettings } from './station_settings'
import { makeRoom } from './storage'
import type { Outcome, PhotoSlot, PhotoView } from './types'

const ORIGINAL_BYTES_MAX = 60 * 1024 * 1024
/** below it a plate cannot be read, above it a photo takes minutes on a village's line */
const WORDS_FULL = '手机存满了，这张照片没存进去；写的字都还在。请先上交，或删掉手机里别的东西'

/** The frame on the screen now, taken off the camera; addPhoto stores it. Null: this browser cannot hand frames over. */
export async function takeShot(video: HTMLVideoElement): Promise<Shot | null> {
  const frame = frameOf(video)
  return frame && makeShot(frame, await photoSide())
}

/** Null also where it lies otherwise than the video shows it: the canvas of the page turns it right. */
function frameOf(video: HTMLVideoElement): VideoFrame | null {
  if (typeof VideoFrame === 'undefined' || typeof OffscreenCanvas === 'undefined' || typeof Worker === 'undefined') return null
  try {
    const frame = new VideoFrame(video)
    if (frame.displayWidth === video.videoWidth && frame.displayHeight === video.videoHeight) return frame
    frame.close()
  } catch {
    // no picture yet, or a browser whose frames are not to be had
  }
  return null
}

// ---- adding ------------------------------------------------------------------------------------

let queue: Promise<unknown> = Promise.resolve()

/** Every photo given so far is stored or refused; before its draft is finished. */
export async function photosSettled(): Promise<void> {
  await queue
}

/**
 * Call it inside the change handler: the file is read at once (lazy files become empty), the rest queues. The capture intent ends
 * with the last photo that waits, unless a camera is still `open`: a page killed before then comes back to the same item.
 */
export function addPhoto(slot: PhotoSlot, photo: Blob | Shot, source?: PhotoSource, open: () => boolean = () => false): Promise<Outcome<PhotoView>> {
  const kept: Kept = { at: keptAt(), source } // now, not when its turn comes: ten in a row take seconds
  const reading = 'made' in photo ? null : photo.arrayBuffer().catch(() => new ArrayBuffer(0)) // by what it has: a file of another window is no Blob of this one
  const make = async (): Promise<Made> => ('made' in photo ? photo.made.catch(() => { throw nothingRead() }) : madeOf(await reading, photo.type))
  adding += 1
  const stored = queue.then(() => attempt(async () => storedWithRoom({ ...slot, ...kept }, await make(), () => adding === 1 && !open()))).finally(() => { adding -= 1 })
  queue = stored
  return stored
}

let adding = 0

const SAME_MOMENT_MS = 1000
let latest = 0

/** Photos chosen together keep their order: each is kept a little after the one before. */
function keptAt(): string {
  const at = now().getTime()
  const together = at <= latest && latest - at < SAME_MOMENT_MS // further ahead: the clock was put back
  latest = together ? latest + 1 : at
  return instant(new Date(latest))
}

function nothingRead(): Refusal {
  return new Refusal('photo_empty', '这张照片是空的，没有读到内容，请重拍或从相册再选一次', true)
}

async function madeOf(original: ArrayBuffer | null, type: string): Promise<Made> {
  if (!original || original.byteLength === 0) throw nothingRead()
  if (original.byteLength > ORIGINAL_BYTES_MAX) throw new Refusal('photo_too_big', '这个文件太大，不像照片，请换一张')
  const made = await makePhoto(original, type, await photoSide())
  if (made.body.byteLength > PHOTO_BYTES_MAX) throw new Refusal('photo_too_big', '这张照片手机读不出来，又太大，请重拍一张')
  return made
}

/** On a full phone, photos with a receipt make room first; a photo that still does not fit is said so. */
async function storedWithRoom(slot: PhotoSlot & Kept, photo: Made, last: () => boolean): Promise<PhotoView> {
  try {
    return await storePhoto(slot, photo, last)
  } catch (error) {
    const full = error instanceof StorageTrouble && error.code === 'full'
    if (full && (await makeRoom())) return storePhoto(slot, photo, last)
    if (full) throw new Refusal('storage_full', WORDS_FULL, true)
    throw error
  }
}

/** The station's longer side for photos. */
export async function photoSide(): Promise<number> {
  return photoSideOf((await stationSettings().catch(() => null))?.[PHOTO_SIDE])
}

export async function removePhoto(slot: PhotoSlot, sha256: string): Promise<Outcome<null>> {
  return attempt(async () => {
    await unlinkPhoto(slot, sha256)
    return null
  })
}
