// Makes photos: scaled, encoded, hashed, in one worker that stays while there is work, or here on the page where there is none or it
// failed. Whatever was handed in stays in hand until the photo is made, so a worker that dies loses nothing. It must not store.

import { sha256Hex } from '../lib/bytes'
import { asItCame, drawnToKeep, scale, scaledFrom, type Scaled } from './scale'

/** A photo ready to be stored: the hash is that of exactly these bytes. */
export interface Made extends Scaled {
  sha256: string
}

/** A picture just taken off the running camera. */
export interface Shot {
  /** the camera has its frame back */
  drawn: Promise<void>
  /** rejects only where the picture can be made nowhere; then nothing of it is left in memory either */
  made: Promise<Made>
}

export interface Asked {
  id: number
  side: number
  type: string
  original?: ArrayBuffer
  frame?: VideoFrame
}
export type Said = { id: number; made: Made } | { id: number; failed: string } | { id: number; copy: ImageBitmap }

const WORKER_MS_MAX = 30_000
const WORKER_REST_MS = 20_000

interface Waiting {
  over: (made: Made | null) => void
  copied: (copy: ImageBitmap) => void
  timer: ReturnType<typeof setTimeout>
}

let worker: Worker | null = null
let resting: ReturnType<typeof setTimeout> | undefined
let asked = 0
const waiting = new Map<number, Waiting>()

// ---- the worker --------------------------------------------------------------------------------

/** Opened before it is needed: the first photo does not wait for it. It goes when nothing was asked of it for a while. */
export function openPhotoWorker(): Worker | null {
  rest()
  if (worker || typeof Worker === 'undefined' || typeof OffscreenCanvas === 'undefined') return worker
  try {
    worker = new Worker(new URL('./photo.worker.ts', import.meta.url), { type: 'module' })
  } catch {
    return null
  }
  worker.onerror = letGo
  worker.onmessageerror = letGo
  worker.onmessage = (event: MessageEvent<Said>) => heard(event.data)
  return worker
}

function rest(): void {
  clearTimeout(resting)
  resting = setTimeout(() => { if (waiting.size === 0) letGo() }, WORKER_REST_MS)
}

/** Everything that was asked of it is made here instead. */
function letGo(): void {
  clearTimeout(resting)
  worker?.terminate()
  worker = null
  for (const id of [...waiting.keys()]) over(id, null)
}

function over(id: number, made: Made | null): void {
  const found = waiting.get(id)
  if (!found) return
  clearTimeout(found.timer)
  waiting.delete(id)
  if (worker && waiting.size === 0) rest()
  found.over(made)
}

function heard(said: Said): void {
  if ('copy' in said) {
    const found = waiting.get(said.id)
    if (found) found.copied(said.copy)
    else said.copy.close()
  } else over(said.id, 'made' in said ? said.made : null)
}

/** Null: it could not, or there is none. Nothing is handed over for good: a buffer is copied, a frame shared. */
function inWorker(job: Omit<Asked, 'id'>, copied: Waiting['copied']): Promise<Made | null> {
  return new Promise((resolve) => {
    const open = openPhotoWorker()
    if (!open) { resolve(null); return }
    const id = ++asked
    waiting.set(id, { over: resolve, copied, timer: setTimeout(letGo, WORKER_MS_MAX) })
    try {
      open.postMessage({ ...job, id })
    } catch {
      over(id, null) // what this browser cannot hand over
    }
  })
}

// ---- photos ------------------------------------------------------------------------------------

async function hashed(scaled: Scaled): Promise<Made> {
  return { ...scaled, sha256: await sha256Hex(scaled.body) }
}

/** Of a file: what cannot be read as a picture is kept as it came. */
export async function makePhoto(original: ArrayBuffer, type: string, side: number): Promise<Made> {
  const made = await inWorker({ original, type, side }, (copy) => copy.close())
  return made ?? hashed(await scale(original, type, side).catch(() => asItCame(original)))
}

/** Of a frame of the running camera, which is closed here. */
export function makeShot(frame: VideoFrame, side: number): Shot {
  let copy: ImageBitmap | null = null
  let freed: () => void = () => undefined
  const drawn = new Promise<void>((resolve) => { freed = resolve })
  const giveBack = (): void => { frame.close(); freed() }
  const made = inWorker({ frame, type: '', side }, (picture) => { copy = picture; giveBack() })
    .then(async (found) => found ?? onThePage(copy ?? frame, side))
    .finally(() => { giveBack(); copy?.close() })
  made.catch(() => undefined) // heard of by whoever stores it
  return { drawn, made }
}

async function onThePage(picture: ImageBitmap | VideoFrame, side: number): Promise<Made> {
  const [width, height] = 'displayWidth' in picture ? [picture.displayWidth, picture.displayHeight] : [picture.width, picture.height]
  const scaled = await scaledFrom(drawnToKeep(picture, width, height, side))
  if (!scaled) throw new Error('no JPEG here')
  return hashed(scaled)
}
