// One photo to the station: whole in one request when it is small for the line, otherwise parts by offset from where
// the station says it has come, until the signed photo receipt.
// It must not decide which photo is next, nor wait between tries.

import type { SignedText } from '../contract/wire'
import { declareLost } from '../data/lost'
import { noteHashFailure, parkPhoto, photoBody, settleHeld, settlePhoto, type PhotoRecord } from '../data/handover'
import { sha256Hex, type Bytes } from '../lib/bytes'
import { ask, digestHeader } from './client'
import type { Pace } from './pace'
import { sendPart, type PartAsk } from './part'
import { fault, type Failure, type Refused, type Result } from './results'
import { PHOTO_PART_BYTES_MIN } from '../contract/limits'

const JUMPS_MAX = 20
const RESTARTING = new Set(['photo-hash-mismatch', 'photo-length-differs', 'part-too-long'])
/** a station of an older release, reached after an update was taken back */
const METHOD_UNKNOWN = 405
/** a digest of its own goes with every part, so in parts it shows what the line does to it */
const CHANGED_ON_ITS_WAY = 'digest-mismatch'
/** somebody between cut it and the station could still say so */
const CUT_SHORT = 'body-cut-short'
// stays Chinese: recorded as the reason
const WORDS_LOST = '照片在这部手机上找不到了'

export interface Trip {
  token: string
  pace: Pace
  /** bytes that moved just now */
  progress: (bytes: number) => void
}

interface Place {
  offset: number
  epoch: string | null
}

/** Null: this photo is done with (held, parked or lost) and the next one may go. */
export async function sendPhoto(photo: PhotoRecord, start: number | null, trip: Trip): Promise<Failure | null> {
  const body = await photoBody(photo.sha256)
  if (!body) return withoutBytes(photo.sha256, trip)
  let triedWhole = false
  let place: Place | null = start === null ? null : { offset: start, epoch: null }
  for (let jumps = 0; jumps < JUMPS_MAX; ) {
    if (place === null) {
      const asked = await askPlace(photo.sha256, trip)
      if (asked === 'held' || asked === 'parked') return null
      if ('kind' in asked) return asked
      place = asked
    }
    if (place.offset === 0 && !triedWhole) {
      triedWhole = true
      const whole = await sendWhole(photo.sha256, body, trip)
      if (whole !== 'in parts') return whole
    }
    const sent: Result<SignedText | null> = await sendNext(photo.sha256, body, place, trip)
    if (sent.kind === 'done') {
      if (sent.body?.receipt !== undefined) return afterReceipt(photo.sha256, sent.body)
      const next = placeIn(sent.headers)
      if (!next || next.offset <= place.offset) jumps += 1
      place = next
    } else if (sent.kind === 'refused') {
      jumps += 1
      const after = await afterRefusal(photo.sha256, sent, trip)
      if (after === 'done' || after === 'failed') return after === 'done' ? null : sent
      place = after
    } else {
      return sent
    }
  }
  return fault(0)
}

/** The browser threw the bytes away: missing only when the station has not got them either, as after a restore it may. */
async function withoutBytes(sha256: string, trip: Trip): Promise<Failure | null> {
  const asked = await askPlace(sha256, trip)
  if (asked === 'held' || asked === 'parked') return null
  if ('kind' in asked) return asked
  await declareLost(sha256, WORDS_LOST)
  return null
}

/** All of it under its hash as the address, so that next to nothing but the photo travels; 'in parts' when that cannot be. */
async function sendWhole(sha256: string, body: ArrayBuffer, trip: Trip): Promise<Failure | 'in parts' | null> {
  const bytes = new Uint8Array(body)
  const fits = (): boolean => bytes.byteLength <= trip.pace.request_bytes
  // bytes that are no longer those of the hash go in parts, where the station says so and it is counted;
  // while they were looked at, another request may have taken the room
  if (!fits() || (await sha256Hex(bytes)) !== sha256 || !fits()) return 'in parts'
  const sent = await sendCounted<null>(bytes, trip, () => Promise.resolve({ method: 'PUT', path: `/photos/${sha256}`, token: trip.token }))
  if (sent.kind === 'done') return (await settleHeld(sha256, sent.headers.get('Photo-Held') ?? '')) ? null : noReceipt()
  if (sent.kind !== 'refused') return sent
  if (sent.problem.status === METHOD_UNKNOWN || sent.problem.code === CHANGED_ON_ITS_WAY) return 'in parts'
  const after = await afterRefusal(sha256, sent, trip)
  if (after === 'done') return null
  return after === 'failed' ? sent : 'in parts'
}

async function sendNext(sha256: string, body: ArrayBuffer, place: Place, trip: Trip): Promise<Result<SignedText | null>> {
  const part = new Uint8Array(body.slice(place.offset, place.offset + trip.pace.request_bytes))
  return sendCounted(part, trip, async () => ({
    method: 'PATCH', path: `/photos/${sha256}`, token: trip.token,
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-Digest': await digestHeader(part),
      'Upload-Offset': String(place.offset),
      'Upload-Length': String(body.byteLength),
      ...(place.epoch === null ? {} : { 'Upload-Epoch': place.epoch }),
    },
  }))
}

/** One request with bytes of a photo, from which the line is judged; they count as on their way before anything is waited for. */
async function sendCounted<T>(body: Bytes, { pace, progress }: Trip, request: () => Promise<Omit<PartAsk, 'progress' | 'body'>>): Promise<Result<T>> {
  let moved = 0
  const size = body.byteLength
  pace.travels(size)
  const sent = await sendPart<T>({
    ...(await request()),
    body,
    progress: (bytes) => {
      progress(bytes - moved)
      moved = bytes
    },
  })
  pace.travels(-size)
  if (sent.kind === 'done') pace.passed(size)
  else if (sent.kind !== 'refused' || sent.problem.code === CUT_SHORT) pace.broke(size) // a question or a batch went before it
  return sent
}

async function askPlace(sha256: string, { token, pace }: Trip): Promise<Place | 'held' | 'parked' | Failure> {
  const result = await ask<null>({ method: 'HEAD', path: `/photos/${sha256}`, token })
  if (result.kind === 'done') pace.answered(result.received_at - result.sent_at)
  else {
    if (result.kind !== 'refused' || result.problem.status !== 404) return result
    await parkPhoto(sha256, '站里还不认得这张照片，照片还在手机里，可以再试一次')
    return 'parked'
  }
  const [receipt, signature] = [result.headers.get('Photo-Receipt'), result.headers.get('Photo-Signature')]
  if (receipt !== null && signature !== null) return (await afterReceipt(sha256, { receipt, signature })) ?? 'held'
  return placeIn(result.headers) ?? fault(result.status)
}

/** An unsigned word that it arrived is no receipt: the photo stays. */
async function afterReceipt(sha256: string, signed: SignedText): Promise<Failure | null> {
  return (await settlePhoto(sha256, signed)) ? null : noReceipt()
}

function noReceipt(): Failure {
  return { ...fault(200), words: '照片的收条不对，没有作数，会再试一次' }
}

async function afterRefusal(sha256: string, refused: Refused, { pace }: Trip): Promise<Place | null | 'done' | 'failed'> {
  const { code, status, retry } = refused.problem
  if (status === 409) return placeIn(refused.headers)
  if (RESTARTING.has(code)) return (await noteHashFailure(sha256)) === 'again' ? (placeIn(refused.headers) ?? { offset: 0, epoch: null }) : 'done'
  if (retry || status === 401 || status === 403 || status >= 500) return 'failed'
  if (status === 413 && pace.part_bytes > PHOTO_PART_BYTES_MIN) {
    pace.smaller()
    return null
  }
  await parkPhoto(sha256, refused.problem.detail)
  return 'done'
}

function placeIn(headers: Headers): Place | null {
  const offset = headers.get('Upload-Offset')
  return offset === null ? null : { offset: Number(offset), epoch: headers.get('Upload-Epoch') }
}
