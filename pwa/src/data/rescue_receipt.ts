// The station's answer to a file comes back by hand: as a file, a code or pasted text. It is believed for its signature alone
// and settled by the same code as over the wire; nothing else lets the phone forget. It must not know files of facts.

import type { BatchAnswer, PhotoReceipt, Receipt, RescueKey, SignedText } from '../contract/wire'
import { withUser } from '../db/access'
import type { BatchRecord, IdentityRecord } from '../db/user'
import { fromBase64url, sha256Hex } from '../lib/bytes'
import { receiptOfHeld, remaining, settleBatch, settlePhoto } from './handover'
import { toldRescueKey } from './enrol'
import { me, updateIdentity } from './identity'
import { Refusal, attempt } from './outcome'
import type { Outcome } from './types'

export const RECEIPT_TEXT_BYTES_MAX = 8 * 1024 * 1024
const RECEIPT_MARK = 'GIR1\n'
/** so much of a photo's hash the desk's codes name at least */
const PHOTO_NAME = /^[0-9a-f]{12,}$/
const PHOTOS_MARK = 'GIP1\n'
const KEY_MARK = 'GIK1\n'

/** What came of a receipt: this phone may forget so much, and so much it had heard of before. */
export interface Applied {
  facts: number
  photos: number
  before: number
  /** it brought the key for files */
  key: boolean
  /** what still waits for a receipt */
  left: { facts: number; photos: number }
}

interface BatchReceipt extends SignedText {
  facts?: string[]
}

interface Carried {
  receipts: BatchReceipt[]
  photos: SignedText[]
  key: RescueKey | null
}

type Found = 'settled' | 'before' | 'foreign' | 'unsigned' | 'other_book'

const WORDS: Readonly<Record<'foreign' | 'unsigned' | 'other_book', string>> = {
  foreign: '这是别的手机或别的站的收条，没有作数。这部手机上的都还在',
  unsigned: '收条的签名不对，没有作数。请管理员重新给一张；这部手机上的都还在',
  other_book: '站里恢复过备份，这张收条和手机知道的账不是同一本，没有作数。手机上的都还在，连上站里时会自己对账',
}

export async function applyReceipt(text: string): Promise<Outcome<Applied>> {
  return attempt(async () => {
    const identity = await me()
    if (!identity) throw new Refusal('not_enrolled', '这部手机还没登记')
    const carried = await read(text, identity)
    const applied: Applied = { facts: 0, photos: 0, before: 0, key: carried.key !== null && (await keepKey(carried.key, identity)), left: { facts: 0, photos: 0 } }
    const wrong = new Set<keyof typeof WORDS>()
    for (const receipt of carried.receipts) {
      const { found, count } = await settleFacts(receipt, identity)
      if (found === 'settled') applied.facts += count
      else if (found === 'before') applied.before += count
      else wrong.add(found)
    }
    for (const receipt of carried.photos) {
      const found = await settleOne(receipt, identity)
      if (found === 'settled') applied.photos += 1
      else if (found === 'before') applied.before += 1
      else wrong.add(found)
    }
    applied.left = await remaining()
    if (applied.facts + applied.photos + applied.before > 0 || (applied.key && wrong.size === 0)) return applied
    const code = wrong.has('unsigned') ? 'unsigned' : wrong.has('other_book') ? 'other_book' : 'foreign'
    throw new Refusal(`receipt_${code}`, WORDS[code])
  })
}

// ---- reading -----------------------------------------------------------------------------------

/** A code holds the bare text and its signature, or some of photos; a file any number of them. */
async function read(text: string, { station }: IdentityRecord): Promise<Carried> {
  const trimmed = text.replace(/^\uFEFF/, '').trim().replace(/\r\n/g, '\n')
  const [, second = '', third = ''] = trimmed.split('\n')
  if (trimmed.startsWith(RECEIPT_MARK)) return { receipts: [{ signature: second, receipt: third }], photos: [], key: null }
  if (trimmed.startsWith(PHOTOS_MARK)) return { receipts: [], photos: await photosIn(trimmed, station), key: null }
  if (trimmed.startsWith(KEY_MARK)) return { receipts: [], photos: [], key: { id: '', key: second, signature: third } }
  const found = parsed(trimmed)
  if (found?.gireceipt !== 1) throw new Refusal('not_a_receipt', '这不是站里给的收条，没有作数')
  return { receipts: signedIn(found.receipts), photos: signedIn(found.photos), key: isKey(found.rescue_key) ? found.rescue_key : null }
}

/** Each line of a code: the beginning of a photo's hash, and what this phone cannot know of its receipt. */
async function photosIn(text: string, station: string): Promise<SignedText[]> {
  const lines = text.split('\n').slice(1).map((line) => line.split(/ (.*)/, 2) as [string, string?])
  const photos = await withUser((db) => db.photos.where('sha256').startsWithAnyOf(lines.map(([name]) => name).filter((name) => PHOTO_NAME.test(name))).toArray())
  return lines.flatMap(([name, held = '']) =>
    photos.filter(({ sha256 }) => sha256.startsWith(name)).flatMap(({ sha256, bytes }) => receiptOfHeld(held, { sha256, bytes, station }) ?? []))
}

interface ReceiptFile {
  gireceipt?: unknown
  receipts?: unknown
  photos?: unknown
  rescue_key?: unknown
}

function parsed(text: string): ReceiptFile | null {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? value : null
  } catch {
    return null
  }
}

function signedIn(value: unknown): BatchReceipt[] {
  const list = Array.isArray(value) ? (value as unknown[]) : []
  return list.filter((each): each is BatchReceipt => {
    const { receipt, signature, facts } = (each ?? {}) as { receipt?: unknown; signature?: unknown; facts?: unknown }
    return typeof receipt === 'string' && typeof signature === 'string' && (facts === undefined || Array.isArray(facts))
  })
}

function isKey(value: unknown): value is RescueKey {
  const { id, key, signature } = (value ?? {}) as { [name: string]: unknown }
  return typeof id === 'string' && typeof key === 'string' && typeof signature === 'string'
}

// ---- settling ----------------------------------------------------------------------------------

async function settleFacts(signed: BatchReceipt, identity: IdentityRecord): Promise<{ found: Found; count: number }> {
  const receipt = parsed(signed.receipt) as Receipt | null
  if (!receipt || receipt.station !== identity.station) return { found: 'foreign', count: 0 }
  // what the station had in another life of its log says nothing of what it has in this one
  if (receipt.epoch !== identity.epoch) return { found: 'other_book', count: 0 }
  const known = await withUser((db) => db.batches.get(receipt.batch))
  if (known?.state === 'receipted') return { found: 'before', count: receipt.count }
  const batch = known ?? (await batchOf(receipt, signed.facts ?? []))
  if (!batch) return { found: 'foreign', count: 0 }
  const settled = await settleBatch(batch, { ...signed, revoked: identity.revoked } as BatchAnswer)
  if (settled.ok) return { found: 'settled', count: receipt.count }
  return { found: settled.code === 'receipt_unsigned' ? 'unsigned' : 'foreign', count: 0 }
}

/** The batch was taken apart since: its receipt names the manifest, and the list beside it every fact this phone has. */
async function batchOf(receipt: Receipt, hashes: readonly string[]): Promise<BatchRecord | null> {
  if (hashes.length === 0 || (await sha256Hex(hashes.join('\n'))) !== receipt.manifest) return null
  const facts = await withUser((db) => db.facts.where('sha256').anyOf([...hashes]).toArray())
  const idOf = new Map(facts.map((fact) => [fact.sha256, fact.id]))
  const ids = hashes.flatMap((hash) => idOf.get(hash) ?? [])
  if (ids.length !== hashes.length) return null
  const body = `${JSON.stringify({ enrolment: receipt.enrolment })}\n`
  return { id: receipt.batch, state: 'prepared', created_at: receipt.time, body, manifest: receipt.manifest, facts: ids }
}

async function settleOne(signed: SignedText, identity: IdentityRecord): Promise<Found> {
  const receipt = parsed(signed.receipt) as PhotoReceipt | null
  const record = receipt && (await withUser((db) => db.photos.get(receipt.photo)))
  if (!receipt || !record || receipt.station !== identity.station) return 'foreign'
  if (receipt.epoch !== identity.epoch) return 'other_book'
  if (record.state === 'held') return 'before'
  return (await settlePhoto(receipt.photo, signed)) ? 'settled' : 'unsigned'
}

async function keepKey(told: RescueKey, identity: IdentityRecord): Promise<boolean> {
  // a code leaves the name out: it is the beginning of the key's hash
  const id = told.id || (await keyId(told.key))
  const kept = await toldRescueKey({ ...told, id }, identity)
  if (!kept.rescue_key) return false
  await updateIdentity(kept)
  return true
}

async function keyId(key: string): Promise<string> {
  const KEY_ID_CHARS = 16
  try {
    return (await sha256Hex(fromBase64url(key))).slice(0, KEY_ID_CHARS)
  } catch {
    return ''
  }
}
