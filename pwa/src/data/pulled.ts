// Keeping what the station sent together with its signature, and what of it goes back to a restored station: this phone may be the
// only one that still has it. It must not talk to the network, and no failure here may keep rows from coming.

import type { Changes, PulledItem, Receipt } from '../contract/wire'
import { withUser } from '../db/access'
import {
  COVERED_KEPT_DAYS, PULLED_BYTES_MAX, PULLED_KEPT_DAYS, itemsOf, noteHanded, pagesNotOf, putPage, type PulledPage,
} from '../db/pulled'
import type { ReceiptRecord } from '../db/user'
import { instant, now } from '../lib/time'
import { daysHeard } from './days'
import { me } from './identity'
import { witness } from './witness'

/** one request: small enough for a bad line, and within the station's limit of facts */
export const REQUEST_BYTES_MAX = 512 * 1024
export const REQUEST_FACTS_MAX = 1500

export async function keepPulled(page: Changes): Promise<void> {
  const { witness: word, facts, entrusted } = page
  if (!word || (facts.length === 0 && !entrusted)) return
  const { epoch, from, to, signature } = word
  const bytes = facts.reduce((sum, { line }) => sum + line.length, entrusted?.length ?? 0)
  const day = daysHeard(await me())
  const record: PulledPage = { key: `${epoch}:${from}:${to}`, epoch, from, to, signature, bytes, kept_at: instant(now()), kept_day: day, handed_to: null, ...(entrusted ? { entrusted } : {}) }
  await putPage(record, facts, (pages) => outlived(pages, { epoch, covered: page.backed_up_to ?? 0, day }))
}

interface Standing {
  epoch: number
  /** log size the station's backups cover */
  covered: number
  /** days counted by now (days.ts) */
  day: number
}

/** The keys of pages that may go: too old, or too much, and first those that a backup covers. */
export function outlived(pages: readonly PulledPage[], { epoch, covered, day }: Standing): string[] {
  const age = (page: PulledPage): number => day - (page.kept_day ?? 0)
  const isCovered = (page: PulledPage): boolean => page.epoch === epoch && page.to <= covered
  const gone = new Set(pages.filter((page) => age(page) > PULLED_KEPT_DAYS || (isCovered(page) && age(page) > COVERED_KEPT_DAYS)))
  const left = pages.filter((page) => !gone.has(page))
  // the dearest first: not in any backup, then the youngest by the order of the log
  left.sort((a, b) => Number(isCovered(a)) - Number(isCovered(b)) || b.epoch - a.epoch || b.to - a.to)
  let bytes = 0
  for (const page of left) if ((bytes += page.bytes) > PULLED_BYTES_MAX) gone.add(page)
  return [...gone].map(({ key }) => key)
}

// ---- going back --------------------------------------------------------------------------------

/** One request's lines, and the pages they bring. */
export interface HandBack {
  lines: string[]
  pages: string[]
}

/** What of other epochs than the running one is here, in requests small enough; S: what the restored log has of `from`. */
export async function* handBacks(epoch: number, restored: { from: number; size: number } | null): AsyncGenerator<HandBack> {
  const size = (of: number): number => (restored?.from === of ? restored.size : 0)
  let request: HandBack = { lines: [...(await headLines(epoch)), ...(await receiptLines(epoch, size))], pages: [] }
  let [bytes, facts] = [0, 0]
  for (const page of await pagesNotOf(epoch)) {
    const items = await itemsOf(page.key)
    // a number may be younger than its fact: what the backup had without one was let in since
    if (page.to <= size(page.epoch) && !items.some(({ number }) => number !== undefined)) continue
    if (request.pages.length > 0 && (bytes + page.bytes > REQUEST_BYTES_MAX || facts + items.length > REQUEST_FACTS_MAX)) {
      yield request
      request = { lines: [], pages: [] }
      bytes = facts = 0
    }
    request.lines.push(...pageLines(page, items))
    request.pages.push(page.key)
    bytes += page.bytes
    facts += items.length
  }
  if (request.lines.length > 0) yield request
}

export async function handedBack(pages: readonly string[], epoch: number): Promise<void> {
  await noteHanded(pages, epoch)
}

function pageLines({ epoch, from, to, signature, entrusted }: PulledPage, items: readonly PulledItem[]): string[] {
  const lines: object[] = items.length > 0 ? [{ type: 'page', epoch, from, to, signature, items }] : []
  if (entrusted) lines.push({ type: 'entrusted', epoch, text: entrusted })
  return lines.map((line) => JSON.stringify(line))
}

async function headLines(epoch: number): Promise<string[]> {
  const { heads } = await witness()
  return Object.values(heads).filter((head) => head.epoch !== epoch && head.signature !== '').map((head) => JSON.stringify({ type: 'head', ...head }))
}

/** Batches the station once took in beyond what it has now: with the hashes that their manifest stands for. */
async function receiptLines(epoch: number, size: (of: number) => number): Promise<string[]> {
  const receipts = await withUser((db) => db.receipts.toArray())
  const lost = receipts.filter(({ text, log_size }) => {
    const of = (JSON.parse(text) as Receipt).epoch
    return of !== epoch && log_size > size(of)
  })
  const lines = await Promise.all(lost.map(receiptLine))
  return lines.filter((line) => line !== null)
}

async function receiptLine({ text, signature, facts }: ReceiptRecord): Promise<string | null> {
  const kept = await withUser((db) => db.facts.bulkGet(facts))
  const hashes = kept.flatMap((fact) => (fact ? [fact.sha256] : []))
  // a fact let go of after 30 days: its manifest cannot be shown any more
  return hashes.length === facts.length ? JSON.stringify({ type: 'receipt', receipt: text, signature, facts: hashes }) : null
}
