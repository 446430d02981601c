// What must hold: of a phone's disk at every moment, and of the station when everything was handed over. Each sentence begins
// with the invariant's number (design.md, section 3). The truth is what people were told; nothing here trusts the phone's code.

import { isDeepStrictEqual } from 'node:util'
import type { BatchRecord, DraftRecord, FactRecord, IdentityRecord, OutboxRecord, PhotoRecord, PhotoUseRecord, ReceiptRecord } from '../../src/db/user.ts'
import type { CachedRow, PulledFact } from '../../src/db/cache.ts'
import type { Device } from './device.ts'
import { sha256, type LedgerFact, type Station } from './station.ts'
import { marksIn, type Truth } from './truth.ts'

const VERDICTS_PLAIN = /^admitted(:|$)/

/** A phone's disk as it was seen before: what stood there may leave it only with a receipt. */
export class Watched {
  readonly facts = new Map<string, FactRecord>()
  /** marks in facts this phone ever committed */
  readonly marks = new Map<string, string>()
  readonly photos = new Map<string, PhotoRecord>()
  readonly device: Device
  /** facts and photos that a receipt, checked by the world, covers */
  readonly receipted = new Set<string>()
  private readonly receipts = new Set<string>()
  private readonly bodies = new Map<string, string>()
  private readonly truth: Truth
  private readonly station: Station

  constructor(device: Device, truth: Truth, station: Station) {
    this.device = device
    this.truth = truth
    this.station = station
  }

  read<T>(store: string): T[] {
    return this.device.disk.records<T>('gi', store)
  }

  check(): void {
    const facts = this.read<FactRecord>('facts')
    this.checkReceipts()
    this.checkFacts(facts)
    this.checkPhotos(facts)
    this.checkDrafts()
    this.checkOutbox(facts)
  }

  private wrong(invariant: string, words: string): void {
    this.truth.wrong(invariant, `${this.device.name}: ${words}`)
  }

  private checkReceipts(): void {
    const batches = new Map(this.read<BatchRecord>('batches').map((batch) => [batch.id, batch]))
    for (const record of this.read<ReceiptRecord>('receipts')) {
      if (this.receipts.has(record.text)) continue
      this.receipts.add(record.text)
      const hashes = record.facts.map((id) => this.facts.get(id)?.sha256 ?? this.read<FactRecord>('facts').find((fact) => fact.id === id)?.sha256 ?? '')
      const signed = this.station.signed('receipt', record.text, record.signature)
      const receipt = signed ? (JSON.parse(record.text) as { batch: string; manifest: string }) : null
      if (!receipt) this.wrong('I4', `receipt ${record.batch} is not signed by the station`)
      else if (receipt.manifest !== sha256(hashes.join('\n')) || receipt.batch !== record.batch) this.wrong('I4', `receipt ${record.batch} is for something else`)
      else for (const hash of hashes) this.receipted.add(hash)
      if (batches.get(record.batch)?.state === 'prepared') this.wrong('I4', `batch ${record.batch} has a receipt and would go again`)
    }
  }

  private checkFacts(facts: readonly FactRecord[]): void {
    const numbers = new Map<string, string>()
    for (const fact of facts) {
      const place = `${fact.enrolment} ${fact.n}`
      const other = numbers.get(place)
      if (other !== undefined) this.wrong('I15', `${fact.kind} and ${other} have the same number ${fact.n}`)
      numbers.set(place, fact.kind)
      this.checkFact(fact)
    }
    const here = new Set(facts.map((fact) => fact.id))
    for (const fact of this.facts.values()) {
      if (!here.has(fact.id) && !this.receipted.has(fact.sha256)) this.wrong('I4', `${fact.kind} ${fact.n} was forgotten without a receipt`)
    }
  }

  private checkFact(fact: FactRecord): void {
    const known = this.facts.get(fact.id)
    if (!known && sha256(fact.line) !== fact.sha256) this.wrong('I10', `${fact.kind} ${fact.n} is kept under another hash`)
    if (known && (known.line !== fact.line || known.private_line !== fact.private_line)) this.wrong('I1', `${fact.kind} ${fact.n} was changed after it was stored`)
    if (fact.state === 'receipted' && !this.receipted.has(fact.sha256)) this.wrong('I4', `${fact.kind} ${fact.n} counts as handed over without a receipt`)
    if (fact.state === 'receipted' && known?.state !== 'receipted' && !this.station.has(fact.sha256)) this.wrong('I1', `${fact.kind} ${fact.n} has a receipt and is not in the ledger`)
    this.facts.set(fact.id, fact)
    if (known) return
    for (const mark of marksIn(fact.line + (fact.private_line ?? ''))) {
      const other = this.marks.get(mark)
      if (other !== undefined) this.wrong('I1', `${mark} stands in two facts, ${fact.kind} ${fact.n} is the second`)
      this.marks.set(mark, fact.id)
    }
  }

  private checkPhotos(facts: readonly FactRecord[]): void {
    const bodies = new Map(this.read<{ sha256: string; body: ArrayBuffer }>('photoBodies').map((each) => [each.sha256, each.body]))
    const photos = this.read<PhotoRecord>('photos')
    for (const photo of photos) {
      this.photos.set(photo.sha256, photo)
      if (photo.state === 'held') this.checkHeld(photo)
    }
    const named = new Set([...facts.filter((fact) => fact.kind !== 'photo.lost').flatMap((fact) => fact.photos), ...this.read<PhotoUseRecord>('photoUses').map((use) => use.sha256)])
    for (const hash of named) {
      if (this.truth.evicted.has(hash) || bodies.has(hash)) continue
      if (!this.receipted.has(`photo ${hash}`)) this.wrong('I4', `the bytes of photo ${hash.slice(0, 12)} were forgotten without a receipt`)
    }
    for (const photo of this.photos.values()) {
      if (named.has(photo.sha256) && !photos.some((each) => each.sha256 === photo.sha256)) this.wrong('I4', `photo ${photo.sha256.slice(0, 12)} is named and no longer known`)
    }
  }

  private checkHeld({ sha256: hash, receipt, signature, bytes }: PhotoRecord): void {
    if (this.receipted.has(`photo ${hash}`)) return
    const said = JSON.parse(receipt ?? '{}') as { photo?: string; bytes?: number }
    const good = this.station.signed('photo', receipt ?? '', signature ?? '') && said.photo === hash && said.bytes === bytes
    if (!good) this.wrong('I4', `photo ${hash.slice(0, 12)} counts as handed over without a receipt`)
    else if (!this.station.holds(hash)) this.wrong('I13', `photo ${hash.slice(0, 12)} has a receipt and the station does not hold it`)
    else this.receipted.add(`photo ${hash}`)
  }

  /** What the phone called stored stands in a draft or in a fact, and not in both. */
  private checkDrafts(): void {
    const drafts = new Map(this.read<DraftRecord>('drafts').flatMap((draft) => marksIn(draft.text).map((mark) => [mark, draft.id] as const)))
    for (const [mark, { phone, certain }] of this.truth.marks) {
      if (phone !== this.device.name) continue
      if (certain && !drafts.has(mark) && !this.marks.has(mark)) this.wrong('I2', `${mark} was called stored and is nowhere`)
      if (drafts.has(mark) && this.marks.has(mark)) this.wrong('I1', `${mark} was finished and is still a draft`)
    }
  }

  private checkOutbox(facts: readonly FactRecord[]): void {
    const waiting = new Set(this.read<OutboxRecord>('outbox').map((entry) => entry.key))
    const batches = new Set(this.read<BatchRecord>('batches').map((batch) => batch.id))
    for (const { id, state, body } of this.read<BatchRecord>('batches')) {
      if (state !== 'prepared') continue
      // the station may have taken the first try
      if (this.bodies.has(id) && this.bodies.get(id) !== body) this.wrong('I1', `batch ${id} would go again with other contents`)
      this.bodies.set(id, body)
    }
    for (const fact of facts) {
      if (fact.state === 'receipted') continue
      if (!waiting.has(`fact:${fact.id}`)) this.wrong('I2', `${fact.kind} ${fact.n} is ${fact.state} and no longer in the outbox`)
      if (fact.state === 'sent' && !batches.has(fact.batch ?? '')) this.wrong('I2', `${fact.kind} ${fact.n} is said to be in a batch that is not there`)
      // nothing a person writes here is anything the station would not take
      if (fact.parked !== null) this.wrong('I3', `${fact.kind} ${fact.n} was set aside: ${fact.parked || 'without a word'}`)
    }
    for (const photo of this.read<PhotoRecord>('photos')) {
      if (photo.state === 'waiting' && !waiting.has(`photo:${photo.sha256}`)) this.wrong('I2', `photo ${photo.sha256.slice(0, 12)} waits and is not in the outbox`)
      if (photo.state === 'parked') this.wrong('I3', `photo ${photo.sha256.slice(0, 12)} was set aside: ${photo.words ?? 'without a word'}`)
      if (photo.state === 'lost' && (!photo.words || !this.truth.evicted.has(photo.sha256))) this.wrong('I3', `photo ${photo.sha256.slice(0, 12)} is said to be lost`)
    }
  }

  identity(): IdentityRecord | undefined {
    return this.read<IdentityRecord>('identity')[0]
  }
}

// ---- at the end ----------------------------------------------------------------------------------

export async function checkLedger(ledger: readonly LedgerFact[], watched: readonly Watched[], truth: Truth, station: Station): Promise<void> {
  checkFactsOnce(ledger, watched, truth)
  checkMarks(ledger, truth)
  checkNumbers(ledger, watched, truth, station)
  await checkPhotosHeld(ledger, truth, station)
}

function checkFactsOnce(ledger: readonly LedgerFact[], watched: readonly Watched[], truth: Truth): void {
  const found = new Map<string, LedgerFact[]>()
  for (const fact of ledger) found.set(fact.id, [...(found.get(fact.id) ?? []), fact])
  const own = new Set<string>()
  for (const { device, facts } of watched) {
    for (const fact of facts.values()) {
      own.add(fact.id)
      const kept = found.get(fact.id) ?? []
      if (kept.length !== 1) truth.wrong('I1', `${device.name}: ${fact.kind} ${fact.n} stands ${kept.length} times in the ledger`)
      else if (kept[0]?.line !== fact.line || kept[0].private_line !== fact.private_line) truth.wrong('I1', `${device.name}: ${fact.kind} ${fact.n} has other bytes in the ledger`)
    }
  }
  for (const fact of ledger) {
    if (fact.enrolment === null) continue
    if (!own.has(fact.id)) truth.wrong('I1', `no phone ever stored fact ${fact.n} of the ledger`)
    if (VERDICTS_PLAIN.test(fact.verdict) ? fact.verdict.includes('number_reused') : fact.verdict !== 'quarantined:revoked' || !truth.revoked.has(fact.enrolment)) {
      truth.wrong('I3', `fact ${fact.n} was judged ${fact.verdict}`)
    }
  }
}

function checkMarks(ledger: readonly LedgerFact[], truth: Truth): void {
  const times = new Map<string, number>()
  for (const fact of ledger) for (const mark of marksIn(fact.line + (fact.private_line ?? ''))) times.set(mark, (times.get(mark) ?? 0) + 1)
  for (const [mark, { certain }] of truth.marks) {
    const count = times.get(mark) ?? 0
    if (count > 1 || (certain && count !== 1)) truth.wrong('I1', `${mark} was written once and stands ${count} times in the ledger`)
  }
}

function checkNumbers(ledger: readonly LedgerFact[], watched: readonly Watched[], truth: Truth, station: Station): void {
  const numbers = new Map<string, number[]>()
  for (const { enrolment, n } of ledger) if (enrolment !== null && n !== null) numbers.set(enrolment, [...(numbers.get(enrolment) ?? []), n])
  for (const [enrolment, found] of numbers) {
    const sorted = [...found].sort((a, b) => a - b)
    if (sorted.some((n, place) => n !== place + 1)) truth.wrong('I15', `the numbers of an enrolment are ${sorted.join(' ')}`)
    const known = station.enrolment(enrolment)
    if (known?.n_announced !== sorted.length) truth.wrong('I15', `${sorted.length} facts came, ${String(known?.n_announced)} were announced`)
  }
  for (const each of watched) {
    const next = each.read<{ enrolment: string; next_n: number }>('counters')[0]
    if (next && next.next_n - 1 !== (numbers.get(next.enrolment)?.length ?? 0)) truth.wrong('I15', `${each.device.name} used ${next.next_n - 1} numbers, not all came`)
  }
}

async function checkPhotosHeld(ledger: readonly LedgerFact[], truth: Truth, station: Station): Promise<void> {
  const phones = ledger.filter((fact) => fact.enrolment !== null).map((fact) => JSON.parse(fact.line) as { kind: string; photos: { sha256: string }[]; body: { sha256?: string } })
  const named = new Set(phones.flatMap((fact) => fact.photos.map((photo) => photo.sha256)))
  const lost = new Set(phones.filter((fact) => fact.kind === 'photo.lost').map((fact) => fact.body.sha256))
  for (const [hash, { certain, phone }] of truth.photos) {
    if (certain && !named.has(hash)) truth.wrong('I2', `photo ${hash.slice(0, 12)} of ${phone} was called stored and no fact names it`)
  }
  for (const hash of named) {
    const held = await station.photo(hash)
    if (held && sha256(held) === hash && truth.photos.get(hash)?.bytes.equals(held)) continue
    if (held === null && truth.evicted.has(hash) && lost.has(hash)) continue
    truth.wrong('I13', `photo ${hash.slice(0, 12)} ${held === null ? 'never arrived' : 'is not what was taken'}`)
  }
}

/** Every row the station would give to a new phone is on this one, and nothing else. */
export function checkRows(each: Watched, snapshot: readonly { type: string; id: string; row: object }[], ledger: readonly LedgerFact[], truth: Truth): void {
  const { disk, name } = each.device
  const marks = disk.records<{ name: string; value: { store: 'A' | 'B' } }>('gi-cache', 'marks').find(({ name }) => name === 'marks')?.value
  const rows = new Map(disk.records<CachedRow>('gi-cache', `rows${marks?.store ?? 'A'}`).map((row) => [`${row.type} ${row.id}`, row]))
  for (const { type, id, row } of snapshot) {
    const kept = rows.get(`${type} ${id}`)
    if (!kept) truth.wrong('I6', `${name} never got ${type} ${id}`)
    else if (!isDeepStrictEqual({ ...kept.row }, { ...row, type, id })) truth.wrong('I6', `${name} holds an old ${type} ${id}`)
    rows.delete(`${type} ${id}`)
  }
  // of an enrolment that is over its phone keeps what it was told of it
  for (const row of rows.keys()) if (!row.startsWith('enrolment ')) truth.wrong('I11', `${name} holds ${row}, which it may not see or which is gone`)
  const lines = new Map(ledger.map((fact) => [fact.index, fact]))
  for (const pulled of disk.records<PulledFact>('gi-cache', 'pulledFacts')) {
    const kept = lines.get(pulled.i)
    if (kept && kept.line !== pulled.line) truth.wrong('I10', `${name} pulled a fact other than it is`)
  }
}
