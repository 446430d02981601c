// Photos picked at the desk: read, scaled as on a phone, kept, and handed to the station once a fact names them.
// One at a time; what could not go is tried again until the station has it. Screens see how many still wait.

import { onScopeDispose, ref, shallowRef } from 'vue'
import { PHOTO_BYTES_MAX } from '@/contract/limits'
import { asItCame, scale } from '@/data/scale'
import { sha256Hex } from '@/lib/bytes'
import type { ChosenPhoto } from '../deciding_facts'
import { session } from './client'
import { all, drop, find, put } from './photo_keep'
import { sendPhoto } from './photo_upload'

const ORIGINAL_BYTES_MAX = 60 * 1024 * 1024
const AGAIN_MS = 20_000
const UNSENT_DAYS_MAX = 7 // a photo whose form was never sent is let go after this
const DAY_MS = 86_400_000
const FORM_OPEN_MS_MAX = 600_000 // after this, a fact whose answer was lost may have named a photo still counted as unsent

/** How many photos the station waits for from this browser. */
export const photosWaiting = ref(0)
/** The photo that has just arrived, so that a page showing it can ask again. */
export const photoArrived = shallowRef('')

/** Hashing needs a secure page; without one photos go by phone. */
export const canTakePhotos = (): boolean => typeof crypto.subtle === 'object'

export type Picked = { ok: true; photo: ChosenPhoto; words: string } | { ok: false; words: string }

/** Call it inside the change handler: the file is read at once, since lazy files read as empty later. */
export async function pickPhoto(file: File, now: number): Promise<Picked> {
  const original = await file.arrayBuffer().catch(() => new ArrayBuffer(0))
  if (original.byteLength === 0) return { ok: false, words: '这张照片是空的，没有读到内容，请再选一次。' }
  if (original.byteLength > ORIGINAL_BYTES_MAX) return { ok: false, words: '这个文件太大，不像照片，请换一张。' }
  const { body, decoded } = await scale(original, file.type).catch(() => asItCame(original))
  if (body.byteLength > PHOTO_BYTES_MAX) return { ok: false, words: '这张照片这里读不出来，又太大，请换一张。' }
  if (!decoded && !file.type.startsWith('image/')) return { ok: false, words: '这个文件不是照片，请换一张。' }
  const photo = { sha256: await sha256Hex(body), bytes: body.byteLength }
  const durable = await put({ sha256: photo.sha256, body, at: now, declared: false })
  return { ok: true, photo, words: durable ? '' : '这个浏览器不让存照片，传完以前请别关这一页。' }
}

/** An object URL for the form; the caller revokes it. */
export async function pickedUrl(sha256: string): Promise<string | null> {
  const kept = await find(sha256)
  return kept && URL.createObjectURL(new Blob([kept.body], { type: 'image/jpeg' }))
}

export async function unpickPhoto(sha256: string): Promise<void> {
  const kept = await find(sha256)
  if (kept && !kept.declared) await drop(sha256) // one that a fact names is on its way, whoever else takes it back
}

/** A fact that names them is at the station: they go now. */
export async function photosDeclared(photos: readonly ChosenPhoto[]): Promise<void> {
  for (const { sha256 } of photos) {
    const kept = await find(sha256)
    if (kept) await put({ ...kept, declared: true })
  }
  await going // a round that began earlier does not know of these
  void handOverPhotos(Date.now())
}

let going: Promise<void> | null = null

export function handOverPhotos(now: number): Promise<void> {
  going ??= handOver(now).finally(() => { going = null })
  return going
}

async function handOver(now: number): Promise<void> {
  const kept = await all()
  photosWaiting.value = kept.filter((each) => each.declared).length
  for (const photo of kept) {
    if (!session.value) return
    if (!photo.declared && now - photo.at < FORM_OPEN_MS_MAX) continue
    const sent = await sendPhoto(photo.sha256, photo.body)
    const old = now - photo.at > UNSENT_DAYS_MAX * DAY_MS
    if (sent === 'held') photoArrived.value = photo.sha256
    // an unsent one may still stand in an open form, also when the station holds the same picture
    if (photo.declared ? sent === 'held' : sent !== 'later' && old) await drop(photo.sha256)
    photosWaiting.value = (await all()).filter((each) => each.declared).length
  }
}

/** For the frame around every page: tries at once, and again while photos wait. */
export function useHandingOver(): void {
  void handOverPhotos(Date.now())
  const timer = setInterval(() => { if (photosWaiting.value > 0) void handOverPhotos(Date.now()) }, AGAIN_MS)
  const online = (): void => { void handOverPhotos(Date.now()) }
  window.addEventListener('online', online)
  onScopeDispose(() => {
    clearInterval(timer)
    window.removeEventListener('online', online)
  })
}
