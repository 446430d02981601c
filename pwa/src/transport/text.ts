// Handing over the words: one batch of everything unsent, settled only by a verified receipt; then the small previews.
// It must not touch photos' bodies.

import type { BatchAnswer } from '../contract/wire'
import { clockOffset } from '../data/enrol'
import { me, updateIdentity } from '../data/identity'
import { dissolveBatch, nextBatch, parkFact, previewsSent, previewsToSend, settleBatch, type BatchRecord, type PreviewToSend } from '../data/handover'
import { concat, fromHex, type Bytes } from '../lib/bytes'
import { instant } from '../lib/time'
import { ask, digestHeader, packed } from './client'
import type { Pace } from './pace'
import { fault, type Done, type Failure } from './results'

export const PREVIEWS_PER_REQUEST_MAX = 40
/** the station takes such a request whole or not at all: a cut costs all of it, and on a new line nobody knows yet when it comes */
export const PREVIEWS_BYTES_MAX = 96 * 1024
/** refusals that only ask for a smaller or another batch; all others concern the phone or the station as a whole */
const SPLITTING_STATUS = new Set([400, 413, 422])
/** the same facts may travel under a new batch number */
const RENEWING = new Set(['batch-id-reused', 'manifest-mismatch'])
const RENEWALS_MAX = 2

export interface TextSent {
  ok: true
  batches: number
  backoff_s: number
  /** offsets the station told with the receipts; photos not named start at 0 */
  partial: Map<string, number>
  held: Set<string>
}

export async function sendText(): Promise<TextSent | { ok: false; failure: Failure }> {
  const sent: TextSent = { ok: true, batches: 0, backoff_s: 0, partial: new Map(), held: new Set() }
  let factsMax: number | undefined
  const renewals = { left: RENEWALS_MAX }
  for (let batch = await nextBatch(); batch; batch = await nextBatch(factsMax)) {
    const handed = await handOver(batch)
    if (handed === null) continue
    if (handed.kind !== 'done') {
      const smaller = await afterRefusal(batch, handed, renewals)
      if (smaller === null) return { ok: false, failure: handed }
      factsMax = smaller
      continue
    }
    factsMax = undefined
    noteAnswer(sent, handed.body.answer, handed.body.backoff_s)
  }
  return sent
}

interface HandedOver {
  answer: BatchAnswer
  backoff_s: number
}

/** Null: the batch was of an earlier enrolment and is free again. */
async function handOver(batch: BatchRecord): Promise<Done<HandedOver> | Failure | null> {
  const identity = await me()
  if (!identity) return fault(0)
  if (!batch.body.slice(0, 400).includes(`"enrolment":"${identity.enrolment}"`)) {
    await dissolveBatch(batch)
    return null
  }
  const { body, headers } = await packed(batch.body)
  const result = await ask<BatchAnswer>({
    method: 'POST', path: '/sync/batches', token: identity.token, body,
    headers: { 'Content-Type': 'application/x-ndjson', 'Content-Digest': await digestHeader(body), ...headers },
  })
  if (result.kind !== 'done') return result
  if (typeof result.body?.receipt !== 'string' || typeof result.body.signature !== 'string') return fault(result.status)
  const settled = await settleBatch(batch, result.body)
  // an answer that is no receipt of ours releases nothing: the batch stays as it is and goes again
  if (!settled.ok) return { ...fault(result.status), words: '收到的收条不对，没有作数，会再交一次' }
  const offset = clockOffset(settled.receipt.time, result.sent_at, result.received_at)
  await updateIdentity({ offset_ms: offset, last_contact_at: instant(new Date(result.received_at)) })
  return { ...result, body: { answer: result.body, backoff_s: settled.receipt.backoff_s ?? 0 } }
}

function noteAnswer(sent: TextSent, { photos }: BatchAnswer, backoff: number): void {
  sent.batches += 1
  sent.backoff_s = Math.max(sent.backoff_s, backoff)
  for (const [hash, offset] of photos?.partial ?? []) sent.partial.set(hash, offset)
  for (const hash of photos?.held ?? []) sent.held.add(hash)
}

/** How many facts the next batch may have; null when splitting cannot help and a person or time must. */
async function afterRefusal(batch: BatchRecord, failure: Failure, renewals: { left: number }): Promise<number | null> {
  if (failure.kind !== 'refused') return null
  if (RENEWING.has(failure.problem.code) && renewals.left-- > 0) {
    await dissolveBatch(batch)
    return batch.facts.length
  }
  if (failure.problem.retry || !SPLITTING_STATUS.has(failure.problem.status)) return null
  await dissolveBatch(batch)
  const [only] = batch.facts
  if (batch.facts.length === 1 && only) await parkFact(only, failure.problem.detail)
  return Math.max(1, Math.floor(batch.facts.length / 2))
}

// ---- previews ----------------------------------------------------------------------------------

/** Best effort: the chief sees something at once; nothing depends on it. No request is larger than the line bears. How many got through. */
export async function sendPreviews(pace: Pace): Promise<number> {
  const identity = await me()
  let through = 0
  for (let previews = await nextPreviews(pace); identity && previews.length > 0; previews = await nextPreviews(pace)) {
    const body = concat(...previews.flatMap(framed))
    const headers = { 'Content-Type': 'application/octet-stream', 'Content-Digest': await digestHeader(body) }
    const result = await ask({ method: 'POST', path: '/sync/previews', token: identity.token, body, headers })
    if (result.kind !== 'done' && !(result.kind === 'refused' && !result.problem.retry)) break
    await previewsSent(previews.map((preview) => preview.sha256))
    through += 1
  }
  return through
}

async function nextPreviews({ alone_bytes }: Pace): Promise<PreviewToSend[]> {
  let room = Math.min(alone_bytes, PREVIEWS_BYTES_MAX)
  return (await previewsToSend(PREVIEWS_PER_REQUEST_MAX)).filter(({ preview }, index) => {
    room -= preview.byteLength
    return index === 0 || room >= 0
  })
}

function framed({ sha256, preview }: PreviewToSend): Bytes[] {
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, preview.byteLength)
  return [fromHex(sha256), length, new Uint8Array(preview)]
}
