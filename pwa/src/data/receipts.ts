// The station's signed receipts, as this phone keeps them: what was handed over with each, and how many of its photos have theirs.
// It must not settle anything (handover.ts), and is no part of the first load.

import type { PhotoReceipt, Receipt } from '../contract/wire'
import { withUser } from '../db/access'
import type { ReceiptRecord, UserDatabase } from '../db/user'
import { loaded, type Loaded } from './loaded'
import { verdictWords } from './outbox'
import { kindWords } from './titles'
import type { ReceiptView } from './types'

const RECEIPTS_SHOWN_MAX = 60

export function useReceipts(): Loaded<ReceiptView[]> {
  return loaded(['facts', 'photos'], readReceipts)
}

/** The newest ones; their order counts all. */
export async function readReceipts(): Promise<ReceiptView[]> {
  return withUser(async (db) => {
    const [records, count] = await Promise.all([db.receipts.orderBy('time').reverse().limit(RECEIPTS_SHOWN_MAX).toArray(), db.receipts.count()])
    return Promise.all(records.map((record, index) => receiptView(db, record, count - index)))
  })
}

async function receiptView(db: UserDatabase, record: ReceiptRecord, order: number): Promise<ReceiptView> {
  const receipt = JSON.parse(record.text) as Receipt
  const facts = await db.facts.bulkGet(record.facts)
  const hashes = record.photos ?? [...new Set(facts.flatMap((fact) => fact?.photos ?? []))]
  const photos = await db.photos.bulkGet(hashes)
  const times = photos.flatMap((photo) => (photo?.state === 'held' && photo.receipt !== null ? [(JSON.parse(photo.receipt) as PhotoReceipt).time] : []))
  return {
    batch: record.batch,
    order,
    time: receipt.time,
    facts: receipt.count,
    inspections: record.inspections ?? facts.filter((fact) => fact?.kind === 'inspection.submitted').length,
    photos: hashes.length,
    photos_held: photos.filter((photo) => photo?.state === 'held').length,
    photos_lost: photos.filter((photo) => photo?.state === 'lost').length,
    photos_time: times.sort().pop() ?? null,
    log_size: receipt.log.size,
    exceptions: receipt.exceptions.flatMap(([position, verdict]) => {
      const words = verdictWords(verdict)
      return words === null ? [] : [{ title: facts[position]?.title ?? kindWords(facts[position]?.kind ?? ''), words }]
    }),
    text: record.text,
    signature: record.signature,
  }
}
