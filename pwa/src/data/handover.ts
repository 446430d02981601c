// The sender's half of the data floor: what to hand over next, and settling it against signed receipts.
// Everything is released by a verified receipt and by nothing else. It must not talk to the network.

import { BATCH_BYTES_MAX, BATCH_FACTS_MAX } from '../contract/limits'
import type { BatchAnswer, PhotoReceipt, Receipt, SignedText } from '../contract/wire'
import { withUser } from '../db/access'
import type { BatchRecord, FactRecord, IdentityRecord, PhotoRecord } from '../db/user'
import { sha256Hex, utf8 } from '../lib/bytes'
import { sign, signedBy } from '../lib/signature'
import { instant, now } from '../lib/time'
import { uuid7 } from '../lib/uuid7'
import { daysHeard } from './days'
import { me, nextNumber, ownKey } from './identity'
import { cacheMarks } from './rows'
import { changed } from './signal'
import { asWritten } from './own_order'

export type { BatchRecord, PhotoRecord }

export const WIRE_VERSION = 1
const HASH_FAILURES_MAX = 2
/** one of a verdict's flags, which are told in any order */
const NUMBER_REUSED = /[:,]number_reused(,|$)/
const WORDS_HASH = '站里收到的和手机上的对不上，照片还在手机里，可以再试一次'

// ---- the next batch ----------------------------------------------------------------------------

/** The batch already fixed and not yet receipted, or a new one of everything unsent; null when there is nothing. */
export async function nextBatch(factsMax: number = BATCH_FACTS_MAX): Promise<BatchRecord | null> {
  const prepared = await withUser((db) => db.batches.where('state').equals('prepared').first())
  return prepared ?? prepareBatch(factsMax)
}

async function prepareBatch(factsMax: number): Promise<BatchRecord | null> {
  const [identity, key] = [await me(), await ownKey()]
  if (!identity || !key) return null
  const facts = fitting(await unsentFacts(), factsMax)
  return facts.length === 0 ? null : fixBatch(facts, identity, key.private_key)
}

/** From now on these facts travel in this batch, by whichever way; null when one of them already travels in another. */
export async function fixBatch(facts: readonly FactRecord[], identity: IdentityRecord, key: CryptoKey): Promise<BatchRecord | null> {
  const batch = await writeBatch(facts, identity, key)
  return withUser((db) =>
    db.transaction('rw', db.batches, db.facts, async () => {
      // another page may have been faster
      if ((await db.facts.bulkGet(batch.facts)).some((fact) => fact?.state !== 'unsent')) return null
      await db.batches.put(batch)
      await db.facts.bulkUpdate(facts.map((fact) => ({ key: fact.id, changes: { state: 'sent' as const, batch: batch.id } })))
      return batch
    }),
  )
}

async function unsentFacts(): Promise<FactRecord[]> {
  const facts = await withUser((db) => db.facts.where('state').equals('unsent').toArray())
  return asWritten(facts.filter((fact) => fact.parked === null))
}

/** As many as one batch may carry, oldest first; at least one. */
export function fitting(facts: readonly FactRecord[], factsMax: number): FactRecord[] {
  const ENVELOPE_BYTES = 4096
  let bytes = ENVELOPE_BYTES
  const taken: FactRecord[] = []
  for (const fact of facts.slice(0, factsMax)) {
    bytes += utf8(fact.line).length + utf8(fact.private_line ?? '').length + 2
    if (bytes > BATCH_BYTES_MAX && taken.length > 0) break
    taken.push(fact)
  }
  return taken
}

async function writeBatch(facts: readonly FactRecord[], identity: IdentityRecord, key: CryptoKey): Promise<BatchRecord> {
  const at = now()
  const [id, sent_at] = [uuid7(at), instant(at)]
  const n_max = (await withUser(nextNumber)) - 1
  const privates = facts.flatMap((fact) => (fact.private_line === null ? [] : [fact.private_line]))
  const envelope = {
    batch: id, enrolment: identity.enrolment, sent_at, offset_ms: identity.offset_ms, n_max, wire: WIRE_VERSION,
    acknowledged: (await cacheMarks()).cursor, epoch: identity.epoch, app: appVersion(), facts: facts.length, privates: privates.length,
  }
  const manifest = await sha256Hex(facts.map((fact) => fact.sha256).join('\n'))
  const signature = await sign(key, ['grid-inspector/batch/1', identity.station, id, identity.enrolment, sent_at, n_max, manifest].join('\n'))
  const lines = [JSON.stringify(envelope), JSON.stringify({ manifest, signature }), ...facts.map((fact) => fact.line), ...privates]
  return { id, state: 'prepared', created_at: sent_at, body: lines.join('\n') + '\n', manifest, facts: facts.map((fact) => fact.id) }
}

/** The build puts a hash of its contents into the file's name. */
function appVersion(): string {
  return /-([\w-]{8})\.js/.exec(import.meta.url)?.[1] ?? 'dev'
}

/** The station refused a whole batch for good: its facts are free to travel in smaller ones. Nothing is released. */
export async function dissolveBatch(batch: BatchRecord): Promise<void> {
  await withUser((db) =>
    db.transaction('rw', db.batches, db.facts, async () => {
      await db.batches.delete(batch.id)
      await db.facts.where('batch').equals(batch.id).modify({ state: 'unsent', batch: null })
    }),
  )
}

/** Even alone it is refused: kept and shown, so that it blocks nobody else. */
export async function parkFact(id: string, words: string): Promise<void> {
  await withUser((db) => db.facts.update(id, { parked: words }))
  changed('facts')
}

// ---- settling a batch --------------------------------------------------------------------------

export type Settled = { ok: true; receipt: Receipt } | { ok: false; code: 'receipt_unsigned' | 'receipt_foreign' | 'receipt_unreadable' }

/** A plain 200 is no receipt: signature by the pinned key, our manifest, our batch, our count. */
export async function settleBatch(batch: BatchRecord, answer: BatchAnswer): Promise<Settled> {
  const identity = await me()
  if (!identity) return { ok: false, code: 'receipt_foreign' }
  if (!(await signedBy(identity.server_key, `grid-inspector/receipt/1\n${answer.receipt}`, answer.signature))) return { ok: false, code: 'receipt_unsigned' }
  const receipt = parsed<Receipt>(answer.receipt)
  if (!receipt) return { ok: false, code: 'receipt_unreadable' }
  const mine = receipt.batch === batch.id && receipt.manifest === batch.manifest && receipt.count === batch.facts.length
  if (!mine || receipt.station !== identity.station || receipt.enrolment !== batchEnrolment(batch)) return { ok: false, code: 'receipt_foreign' }
  await storeReceipt(batch, receipt, answer)
  changed('facts', 'photos', 'identity')
  return { ok: true, receipt }
}

export function batchEnrolment(batch: BatchRecord): string {
  return (JSON.parse(batch.body.slice(0, batch.body.indexOf('\n'))) as { enrolment: string }).enrolment
}

function parsed<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T
  } catch {
    return null
  }
}

async function storeReceipt(batch: BatchRecord, receipt: Receipt, answer: BatchAnswer): Promise<void> {
  const exceptions = new Map(receipt.exceptions)
  const time = instant(now())
  await withUser((db) =>
    db.transaction('rw', [db.batches, db.facts, db.photos, db.receipts, db.outbox, db.identity], async () => {
      const identity = await db.identity.get('me')
      const receipted_day = daysHeard(identity)
      const handed = (await db.facts.bulkGet(batch.facts)).flatMap((fact) => (fact ? [fact] : []))
      const hashes = [...new Set(handed.flatMap((fact) => fact.photos))]
      await db.receipts.put({
        batch: batch.id, time: receipt.time, text: answer.receipt, signature: answer.signature, facts: batch.facts, log_size: receipt.log.size,
        inspections: handed.filter((fact) => fact.kind === 'inspection.submitted').length, photos: hashes,
      })
      await db.facts.bulkUpdate(batch.facts.map((key, position) => ({
        key, changes: { state: 'receipted' as const, receipted_at: time, receipted_day, log_size: receipt.log.size, verdict: exceptions.get(position) ?? null },
      })))
      await db.batches.update(batch.id, { state: 'receipted', body: '', receipted_day })
      await db.outbox.bulkDelete(batch.facts.map((id) => `fact:${id}`))
      await db.photos.where('sha256').anyOf(hashes).modify((photo) => {
        photo.log_size = receipt.log.size
        // set aside while the station did not know its record: now it does
        if (photo.state === 'parked' && photo.hash_failures <= HASH_FAILURES_MAX) Object.assign(photo, { state: 'waiting', words: null })
      })
      // of an earlier enrolment it is known already, and it was left for that
      const running = new Set(handed.filter((fact) => fact.enrolment === identity?.enrolment).map(({ id }) => id))
      const reused = batch.facts.some((id, position) => running.has(id) && NUMBER_REUSED.test(exceptions.get(position) ?? ''))
      // of another epoch: the sizes this phone knows mean another log until it has caught up
      const backed = receipt.epoch === identity?.epoch ? { backed_up_to: receipt.backed_up_to } : {}
      await db.identity.update('me', { ...backed, revoked: answer.revoked, ...(reused ? { number_reused: true } : {}) })
    }),
  )
}

/** The admin let facts out of quarantine: the station's rows contain them now, and the phone need not show them itself. */
export async function admittedLater(hashes: readonly string[]): Promise<void> {
  await withUser((db) => db.facts.where('sha256').anyOf([...hashes]).modify({ verdict: null }))
  changed('facts')
}

// ---- photos ------------------------------------------------------------------------------------

/** Photos whose facts have a receipt, oldest first: the station takes only photos it knows a fact of. */
export async function photosToSend(): Promise<PhotoRecord[]> {
  return withUser(async (db) => {
    const entries = (await db.outbox.where('kind').equals('photo').toArray()).sort((a, b) => (a.key < b.key ? -1 : 1))
    const byAge = entries.sort((a, b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : 0))
    const records = await db.photos.bulkGet(byAge.map((entry) => entry.ref))
    return records.filter((record): record is PhotoRecord => record?.state === 'waiting' && record.log_size !== null)
  })
}

export async function photoBody(sha256: string): Promise<ArrayBuffer | null> {
  return withUser(async (db) => (await db.photoBodies.get(sha256))?.body ?? null)
}

export interface PreviewToSend {
  sha256: string
  preview: ArrayBuffer
}

export async function previewsToSend(countMax: number): Promise<PreviewToSend[]> {
  const wanted = (await photosToSend()).filter((photo) => !photo.preview_sent).slice(0, countMax)
  const thumbs = await withUser((db) => db.thumbs.bulkGet(wanted.map((photo) => photo.sha256)))
  return thumbs.flatMap((thumb) => (thumb && thumb.preview.byteLength > 0 ? [{ sha256: thumb.sha256, preview: thumb.preview }] : []))
}

export async function previewsSent(hashes: readonly string[]): Promise<void> {
  await withUser((db) => db.photos.where('sha256').anyOf([...hashes]).modify({ preview_sent: true }))
}

/** True only when the signed receipt names this very photo with all its bytes. */
export async function settlePhoto(sha256: string, signed: SignedText): Promise<boolean> {
  const identity = await me()
  const receipt = parsed<PhotoReceipt>(signed.receipt)
  if (!identity || !receipt) return false
  if (!(await signedBy(identity.server_key, `grid-inspector/photo/1\n${signed.receipt}`, signed.signature))) return false
  const record = await withUser((db) => db.photos.get(sha256))
  if (receipt.photo !== sha256 || receipt.station !== identity.station || receipt.bytes !== record?.bytes) return false
  await withUser((db) =>
    db.transaction('rw', db.photos, db.outbox, async () => {
      await db.photos.update(sha256, { state: 'held', receipt: signed.receipt, signature: signed.signature, held_at: instant(now()), words: null })
      await db.outbox.delete(`photo:${sha256}`)
    }),
  )
  changed('photos')
  return true
}

const HELD = /^(ok|undecodable|too_many_pixels) (\d+) (\S+) (\S+)$/

/** Of a photo sent whole the station tells only what this phone cannot know; null when it is nothing of the kind. */
export function receiptOfHeld(held: string, photo: { sha256: string; bytes: number; station: string }): SignedText | null {
  const found = HELD.exec(held)
  if (!found) return null
  const [, condition, epoch, time, signature] = found
  // in the order and spelling the station signs: every byte counts (tests/vectors/photo_receipt.json)
  const receipt = JSON.stringify({ photo: photo.sha256, bytes: photo.bytes, condition, station: photo.station, time, epoch: Number(epoch) })
  return { receipt, signature: signature ?? '' }
}

export async function settleHeld(sha256: string, held: string): Promise<boolean> {
  const [identity, record] = [await me(), await withUser((db) => db.photos.get(sha256))]
  if (!identity || !record) return false
  const signed = receiptOfHeld(held, { sha256, bytes: record.bytes, station: identity.station })
  return signed !== null && settlePhoto(sha256, signed)
}

/** The station computed another hash: sent again from the start, twice, then parked with a sentence. */
export async function noteHashFailure(sha256: string): Promise<'again' | 'parked'> {
  const failures = ((await withUser((db) => db.photos.get(sha256)))?.hash_failures ?? 0) + 1
  await withUser((db) => db.photos.update(sha256, { hash_failures: failures }))
  if (failures <= HASH_FAILURES_MAX) return 'again'
  await parkPhoto(sha256, WORDS_HASH)
  return 'parked'
}

export async function parkPhoto(sha256: string, words: string): Promise<void> {
  await withUser((db) => db.photos.update(sha256, { state: 'parked', words }))
  changed('photos')
}

// ---- figures for the sender's words ------------------------------------------------------------

export interface Remaining {
  facts: number
  inspections: number
  photos: number
  bytes: number
}

export async function remaining(): Promise<Remaining> {
  return withUser(async (db) => {
    const entries = await db.outbox.toArray()
    const facts = await db.facts.bulkGet(entries.filter((entry) => entry.kind === 'fact').map((entry) => entry.ref))
    const photos = await db.photos.bulkGet(entries.filter((entry) => entry.kind === 'photo').map((entry) => entry.ref))
    const waiting = photos.filter((photo) => photo?.state === 'waiting')
    const free = facts.filter((fact) => fact && fact.parked === null)
    return {
      facts: free.length,
      inspections: free.filter((fact) => fact?.kind === 'inspection.submitted').length,
      photos: waiting.length,
      bytes: waiting.reduce((sum, photo) => sum + (photo?.bytes ?? 0), 0),
    }
  })
}
