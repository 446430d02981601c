// What a phone that cannot upload puts into files for the admin: the very batches the wire would carry, one visit to a file,
// and their photos. Making files releases nothing; only the receipts do (rescue_receipt.ts). A door for lazily loaded screens.

import { RESCUE_FILE_BYTES_MAX, RESCUE_PHOTOS_PER_FILE_MAX } from '../contract/limits'
import { withUser } from '../db/access'
import type { BatchRecord, FactRecord, IdentityRecord, PhotoRecord, UserDatabase } from '../db/user'
import { utf8, type Bytes } from '../lib/bytes'
import { instant, now } from '../lib/time'
import { uuid7 } from '../lib/uuid7'
import { batchEnrolment, dissolveBatch, fitting, fixBatch, photoBody } from './handover'
import { me, ownKey } from './identity'
import { Refusal, attempt } from './outcome'
import { asWritten } from './own_order'
import { batchFrame, closedFile, photoBytes, photoFrame } from './rescue_file'
import { changed } from './signal'
import { kindWords } from './titles'
import type { Outcome } from './types'

export { applyReceipt, type Applied } from './rescue_receipt'

/** header and seals beside the inside */
const AROUND_BYTES = 8 * 1024
const INSIDE_BYTES_MAX = RESCUE_FILE_BYTES_MAX - AROUND_BYTES
const FACTS_PER_BATCH_MAX = 500
const WORDS_NO_KEY = '这部手机还没有站里的封口钥匙。连上站里一次就有了；连不上，请管理员在“手机文件”里把钥匙给您，在下面读进来'

/** One file to be made. */
export interface RescuePart {
  part: number
  parts: number
  name: string
  title: string
  facts: number
  photos: number
  /** about */
  bytes: number
  export: string
  batch: string | null
  holds_facts: boolean
  first: number | null
  hashes: string[]
}

/** What waits: a batch that is fixed, or photos whose facts the station has; and the photos of either. */
interface Group {
  batch: BatchRecord | null
  batch_id: string | null
  title: string
  facts: number
  photos: PhotoRecord[]
}

/** The files that hold everything this phone has not handed over; from now on their batches are fixed. */
export async function planRescue(): Promise<Outcome<RescuePart[]>> {
  return attempt(async () => {
    const [identity, key] = [await me(), await ownKey()]
    if (!identity || !key) throw new Refusal('not_enrolled', '这部手机还没登记')
    if (!identity.rescue_key) throw new Refusal('no_rescue_key', WORDS_NO_KEY)
    await fixEverything(identity, key.private_key)
    changed('facts')
    return partsOf(await groups())
  })
}

// ---- batches, one for each visit ---------------------------------------------------------------

async function fixEverything(identity: IdentityRecord, key: CryptoKey): Promise<void> {
  const fixed = await withUser((db) => db.batches.where('state').equals('prepared').toArray())
  // what was fixed under an enrolment that is over goes anew under this one, as it would over the wire
  for (const batch of fixed) if (batchEnrolment(batch) !== identity.enrolment) await dissolveBatch(batch)
  const unsent = asWritten(await withUser((db) => db.facts.where('state').equals('unsent').toArray()))
  for (const visit of byVisit(unsent)) {
    for (let rest = visit; rest.length > 0; ) {
      const taken = fitting(rest, FACTS_PER_BATCH_MAX)
      await fixBatch(taken, identity, key)
      rest = rest.slice(taken.length)
    }
  }
}

/** What belongs to one inspection; else to one place; else all together. One the station would not take goes alone. */
export function byVisit(facts: readonly FactRecord[]): FactRecord[][] {
  const visitOfHazard = new Map<string, string>()
  for (const fact of facts) {
    const inspection = fact.kind === 'hazard.found' ? (JSON.parse(fact.line) as { body: { inspection?: string | null } }).body.inspection : null
    if (inspection) visitOfHazard.set(fact.subject, inspection)
  }
  const visits = new Map<string, FactRecord[]>()
  for (const fact of facts) {
    const own = fact.kind.startsWith('inspection.') ? fact.subject : visitOfHazard.get(fact.subject)
    const visit = fact.parked === null ? (own ?? fact.site ?? '') : fact.id
    visits.set(visit, [...(visits.get(visit) ?? []), fact])
  }
  return [...visits.values()]
}

// ---- from batches to files ---------------------------------------------------------------------

async function groups(): Promise<Group[]> {
  return withUser(async (db) => {
    const fixed = await inOrder(db, await db.batches.where('state').equals('prepared').toArray())
    const waiting = (await db.outbox.where('kind').equals('photo').toArray()).map((entry) => entry.ref)
    const records = (await db.photos.bulkGet(waiting)).filter((photo): photo is PhotoRecord => photo !== undefined && !photo.body_gone)
    const photos = new Map(records.map((photo) => [photo.sha256, photo]))
    const found: Group[] = []
    for (const { batch, facts } of fixed) {
      found.push({ batch, batch_id: batch.id, title: titleOf(facts), facts: facts.length, photos: takeOut(photos, facts) })
    }
    return [...found, ...(await lonely(db, photos))]
  })
}

/** As they were written: batches made in one moment have ids in any order. */
async function inOrder(db: UserDatabase, batches: readonly BatchRecord[]): Promise<{ batch: BatchRecord; facts: FactRecord[] }[]> {
  const known = await Promise.all(batches.map(async (batch) => {
    const facts = (await db.facts.bulkGet(batch.facts)).filter((fact): fact is FactRecord => fact !== undefined)
    const { enrolment = '', n = 0, at = '' } = facts[0] ?? {}
    return { batch, facts, enrolment, n, at }
  }))
  return asWritten(known)
}

/** Photos whose facts the station has already: together as their facts were. */
async function lonely(db: UserDatabase, photos: Map<string, PhotoRecord>): Promise<Group[]> {
  const byBatch = new Map<string | null, FactRecord[]>()
  for (const sha256 of photos.keys()) {
    const fact = await db.facts.where('photos').equals(sha256).first()
    if (fact) byBatch.set(fact.batch, [...(byBatch.get(fact.batch) ?? []), fact])
  }
  return [...byBatch].map(([batch_id, facts]) => ({ batch: null, batch_id, title: titleOf(facts), facts: 0, photos: takeOut(photos, facts) }))
}

/** Each photo travels once, with the first batch that names it. */
function takeOut(photos: Map<string, PhotoRecord>, facts: readonly FactRecord[]): PhotoRecord[] {
  const own = [...new Set(facts.flatMap((fact) => fact.photos))].flatMap((hash) => photos.get(hash) ?? [])
  for (const photo of own) photos.delete(photo.sha256)
  return own
}

function titleOf(facts: readonly FactRecord[]): string {
  const visits = facts.filter((fact) => fact.kind === 'inspection.submitted')
  const [one] = visits.length > 0 ? visits : facts
  if (!one) return '照片'
  const title = one.title || kindWords(one.kind)
  return visits.length > 1 ? `${title}等 ${visits.length} 份` : title
}

type Planned = Omit<RescuePart, 'part' | 'parts' | 'name' | 'export' | 'first'>

/** Facts first, with as many photos as fit beside them; the rest of the photos in files of their own. */
function filesOf(group: Group): Planned[] {
  const text = group.batch ? utf8(group.batch.body).length : 0
  const of = { title: group.title, batch: group.batch_id }
  const files: Planned[] = group.batch ? [{ ...of, facts: group.facts, photos: 0, bytes: text, holds_facts: true, hashes: [] }] : []
  for (const photo of group.photos) {
    const bytes = photoBytes(photo.bytes)
    let file = files[files.length - 1]
    if (!file || file.bytes + bytes > INSIDE_BYTES_MAX || file.photos >= RESCUE_PHOTOS_PER_FILE_MAX) {
      file = { ...of, facts: 0, photos: 0, bytes: 0, holds_facts: false, hashes: [] }
      files.push(file)
    }
    file.hashes.push(photo.sha256)
    file.photos += 1
    file.bytes += bytes
  }
  return files
}

function partsOf(found: readonly Group[]): RescuePart[] {
  const at = now()
  const id = uuid7(at)
  const planned = found.flatMap(filesOf)
  const firstOf = new Map<string | null, number>()
  planned.forEach((file, index) => { if (file.holds_facts) firstOf.set(file.batch, index + 1) })
  return planned.map((file, index) => ({
    ...file, export: id, part: index + 1, parts: planned.length, name: nameOf(id, index + 1, planned.length, at),
    first: file.holds_facts ? null : (firstOf.get(file.batch) ?? null),
  }))
}

/** Letters every system and chat program takes; no person and no place stands in it. */
function nameOf(id: string, part: number, parts: number, at: Date): string {
  return `gi-${instant(at).slice(5, 10).replace('-', '')}-${id.slice(-4)}-${part}of${parts}.gibatch`
}

// ---- making one file ---------------------------------------------------------------------------

/** The file itself; what has meanwhile been confirmed over the wire is simply in it once more. */
export async function makeRescueFile(part: RescuePart): Promise<Outcome<Blob>> {
  return attempt(async () => {
    const identity = await me()
    const key = identity?.rescue_key
    if (!identity || !key) throw new Refusal('no_rescue_key', WORDS_NO_KEY)
    const inside = await insideOf(part)
    if (inside.length === 0) throw new Refusal('nothing_left', '这个文件里的都已经交上去了，不用再做')
    const header = { station: identity.station, epoch: identity.epoch, export: part.export, part: part.part, parts: part.parts, batch: part.batch, first: part.first }
    return new Blob(await closedFile(inside, header, key), { type: 'application/octet-stream' })
  })
}

async function insideOf(part: RescuePart): Promise<Bytes[]> {
  const pieces: Bytes[] = []
  if (part.holds_facts && part.batch !== null) {
    const batch = await withUser((db) => db.batches.get(part.batch ?? ''))
    if (batch?.body) pieces.push(...(await batchFrame(batch.body)))
  }
  for (const hash of part.hashes) {
    const body = await photoBody(hash)
    if (body) pieces.push(...photoFrame(hash, body))
  }
  return pieces
}
