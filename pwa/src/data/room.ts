// How much lies on this phone, and whether there is room for more. What the browser calls quota is made up (10 GiB, whatever is there):
// room is what was really written a moment ago. It must not clear anything (storage.ts does, and only what the station has).

import { readonly, shallowRef, type ShallowRef } from 'vue'
import { withUser } from '../db/access'
import { now } from '../lib/time'
import { loaded, type Loaded } from './loaded'
import { metFull } from './outcome'
import { getSetting, setSetting } from './preferences'
import { asked, randomBytes } from './readiness'
import { logAlarm } from './witness'

export { metFull } from './outcome'

export type RoomState = 'roomy' | 'much' | 'tight' | 'full'
export interface RoomEvidence {
  /** something was refused for want of room, and nothing has fitted since */
  met_full: boolean
  /** how many probes of PROBE_BYTES fitted beside each other; null: not tried */
  fitted: number | null
  used_bytes: number | null
}
export interface RoomView {
  /** all of it, as the browser counts; null where it does not say */
  used_bytes: number | null
  photos_bytes: number
  app_bytes: number
  /** facts, lists, pictures of other phones' photos: the rest */
  records_bytes: number
  unsent: { photos: number; bytes: number }
  /** the station has signed for them: their pictures go by themselves when room runs out */
  freeable: { photos: number; bytes: number }
}

/** what about 25 photos take */
export const PROBE_BYTES = 5 * 1024 * 1024
export const PHOTOS_A_PROBE = 25
export const PROBES = 2
/** our own cap: more than this on one phone means that nothing has been handed over or cleared for weeks */
export const USED_BYTES_MAX = 1024 * 1024 * 1024
/** what a look took, browsers give back a moment after it was deleted: a look right after another finds less than there is */
const GIVEN_BACK_MS = 2_500
const PROBE_DB = 'gi-room'
const SETTING = 'room'

// ---- how much ----------------------------------------------------------------------------------

export function useRoom(): Loaded<RoomView> {
  return loaded(['photos', 'facts'], async () => {
    const [photos, alarm, app, estimate] = await Promise.all([withUser((db) => db.photos.toArray()), logAlarm(), appBytes(), usage()])
    const kept = photos.filter((photo) => !photo.body_gone)
    const photos_bytes = size(kept)
    // while the station's record is in doubt nothing goes
    const received = alarm ? [] : kept.filter((photo) => photo.state === 'held' && photo.receipt !== null)
    const unsent = kept.filter((photo) => photo.state === 'waiting' || photo.state === 'parked')
    return {
      used_bytes: estimate, photos_bytes, app_bytes: app, records_bytes: Math.max(0, (estimate ?? 0) - photos_bytes - app),
      unsent: { photos: unsent.length, bytes: size(unsent) }, freeable: { photos: received.length, bytes: size(received) },
    }
  })
}

const size = (photos: readonly { bytes: number }[]): number => photos.reduce((sum, photo) => sum + photo.bytes, 0)

async function usage(): Promise<number | null> {
  return (await navigator.storage?.estimate?.().catch(() => null))?.usage ?? null
}

/** The files of the app that are kept for being offline. */
async function appBytes(): Promise<number> {
  if (typeof caches === 'undefined') return 0
  let bytes = 0
  for (const name of await caches.keys()) {
    const cache = await caches.open(name)
    for (const request of await cache.keys()) bytes += (await (await cache.match(request))?.blob())?.size ?? 0
  }
  return bytes
}

// ---- whether there is more ---------------------------------------------------------------------

/** Newer evidence counts more: what fitted just now is stronger than a refusal before it. */
export function roomState({ met_full, fitted, used_bytes }: RoomEvidence): RoomState {
  if (fitted === 0 || (fitted === null && met_full)) return 'full'
  if (fitted !== null && fitted < PROBES) return 'tight'
  return used_bytes !== null && used_bytes >= USED_BYTES_MAX ? 'much' : 'roomy'
}

const state = shallowRef<RoomState>('roomy')

export function useRoomState(): Readonly<ShallowRef<RoomState>> {
  return readonly(state) as Readonly<ShallowRef<RoomState>>
}

let looking: Promise<void> | null = null

/** Tries once a day; oftener while room was short last time, or something has just been refused. One look at a time: two would take each other's room. */
export function lookForRoom(): Promise<void> {
  looking ??= look().finally(() => { looking = null })
  return looking
}

async function look(): Promise<void> {
  const day = now().toISOString().slice(0, 10)
  if (!metFull.value && (await getSetting(SETTING)) === `${day} roomy`) return
  const fitted = await probesFittingAtLast()
  if (fitted === PROBES) metFull.value = false
  state.value = roomState({ met_full: metFull.value, fitted, used_bytes: await usage() })
  await setSetting(SETTING, `${day} ${state.value}`).catch(() => undefined) // so full that not even this fits: then it is tried again
}

/** Nothing is called short on one look alone; the better of two counts, for what fitted once did fit. */
async function probesFittingAtLast(): Promise<number | null> {
  const first = await probesFitting()
  if (first === null || first === PROBES) return first
  await new Promise((resolve) => { setTimeout(resolve, GIVEN_BACK_MS) })
  return Math.max(first, (await probesFitting()) ?? 0)
}

/** Null: the browser failed at something else, which says nothing about room. Smallest first: what a refused try took is given back late. */
async function probesFitting(): Promise<number | null> {
  let fitted = 0
  const bytes = randomBytes(PROBE_BYTES)
  try {
    await asked(indexedDB.deleteDatabase(PROBE_DB)) // of a page that went in the middle of a look
    const opening = indexedDB.open(PROBE_DB, 1)
    opening.onupgradeneeded = (): unknown => opening.result.createObjectStore('probe')
    const database = await asked(opening)
    try {
      for (; fitted < PROBES; fitted++) await written(database, fitted, bytes)
    } finally {
      database.close()
    }
    return fitted
  } catch (error) {
    return (error as DOMException | null)?.name === 'QuotaExceededError' ? fitted : null
  } finally {
    indexedDB.deleteDatabase(PROBE_DB)
  }
}

function written(database: IDBDatabase, place: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const writing = database.transaction('probe', 'readwrite')
  writing.objectStore('probe').put(bytes.buffer, place)
  return new Promise((resolve, reject) => {
    writing.oncomplete = (): void => resolve()
    writing.onabort = (): void => reject(writing.error ?? new Error('aborted'))
  })
}
