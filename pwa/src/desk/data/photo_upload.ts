// One photo to the station, part by part from where the station says it has come, until it names the photo as received.
// It must not decide which photo goes next, nor when to try again.

import { PHOTO_PART_BYTES_START } from '@/contract/limits'
import { base64, sha256 as hashOf } from '@/lib/bytes'
import { look, sendBytes, type Result } from './client'

const JUMPS_MAX = 10 // wrong offsets and restarts in one go; then it is tried again later

/** `unknown`: no fact of the station names this photo (yet). */
export type Sent = 'held' | 'unknown' | 'later'

interface Place {
  offset: number
  epoch: string | null
}
interface PhotoReceipt {
  receipt: string
  signature: string
}

export async function sendPhoto(sha256: string, body: ArrayBuffer): Promise<Sent> {
  const path = `/photos/${sha256}`
  let jumps = 0
  let place: Place | 'held' | 'unknown' | 'later' = await askPlace(path, sha256)
  while (typeof place !== 'string' && jumps < JUMPS_MAX) {
    const from: number = place.offset
    place = await sendPart(path, sha256, body, place)
    if (typeof place !== 'string' && place.offset <= from) jumps += 1
  }
  return typeof place === 'string' ? place : 'later'
}

async function askPlace(path: string, sha256: string): Promise<Place | Sent> {
  let told: Headers | null = null
  const result = await look(path, (headers) => { told = headers })
  if (result.is === 'fault' && result.status === 404) return 'unknown'
  if (result.is !== 'done' || told === null) return 'later'
  return names(sha256, (told as Headers).get('Photo-Receipt')) ? 'held' : (placeIn(told) ?? 'later')
}

async function sendPart(path: string, sha256: string, body: ArrayBuffer, place: Place): Promise<Place | Sent> {
  const part = body.slice(place.offset, place.offset + PHOTO_PART_BYTES_START)
  let next: Place | null = null
  const headers = {
    'Content-Digest': `sha-256=:${base64(await hashOf(part))}:`, 'Upload-Offset': String(place.offset), 'Upload-Length': String(body.byteLength),
    ...(place.epoch === null ? {} : { 'Upload-Epoch': place.epoch }),
  }
  const result: Result<PhotoReceipt | undefined> = await sendBytes(path, part, headers, (told) => { next = placeIn(told) })
  if (result.is === 'done' && names(sha256, result.value?.receipt)) return 'held'
  if (result.is === 'done' || (result.is === 'refused' && (result.problem.status === 409 || result.problem.code === 'photo-hash-mismatch'))) return next ?? 'later'
  return result.is === 'refused' && result.problem.status === 404 ? 'unknown' : 'later'
}

/** A 200 alone is no receipt: it must name this very photo. */
function names(sha256: string, receipt: string | null | undefined): boolean {
  try {
    return (JSON.parse(receipt ?? 'null') as { photo?: unknown } | null)?.photo === sha256
  } catch {
    return false
  }
}

function placeIn(headers: Headers): Place | null {
  const offset = headers.get('Upload-Offset')
  return offset === null ? null : { offset: Number(offset), epoch: headers.get('Upload-Epoch') }
}
