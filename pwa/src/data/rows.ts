// Rows as a person should see them: what the station sent, with this phone's own facts laid over what it does not show yet.
// It must not resolve conflicts or fold: only the station folds.

import type { HazardRow, InspectionRow, Json, JsonObject, Row, RowBase, RowType, SiteRow, WireRow } from '../contract/wire'
import { withCache, withUser } from '../db/access'
import type { BriefRow, CacheDatabase, CachedRow } from '../db/cache'
import { clearPictures } from '../db/pictures'
import type { FactRecord, UserDatabase } from '../db/user'
import { overlay, type OwnFact } from '../rules/overlay'
import { onChanged } from './signal'

export type RowOf<T extends RowType> = Extract<Row, { type: T }>
export type StoreName = 'A' | 'B'

// ---- marks -------------------------------------------------------------------------------------

export interface CacheMarks {
  store: StoreName
  cursor: string | null
  /** log size that the rows in store are known to cover */
  covered: number
  as_of: string | null
  head: { size: number; root: string } | null
}

/** above every id */
const ID_AFTER_ALL = '\uffff'
const MARKS_AT_FIRST: CacheMarks = { store: 'A', cursor: null, covered: 0, as_of: null, head: null }

export async function cacheMarks(): Promise<CacheMarks> {
  return withCache(async (db) => marksIn(db))
}

// read once until something changes: a list asks for them a dozen times
let marksRead = new WeakMap<CacheDatabase, Promise<CacheMarks>>()
let uncoveredRead = new WeakMap<UserDatabase, { covered: number; facts: Promise<FactRecord[]> }>()

function readAgain(): void {
  marksRead = new WeakMap()
  uncoveredRead = new WeakMap()
}
onChanged(['rows', 'facts'], readAgain)

function marksIn(db: CacheDatabase): Promise<CacheMarks> {
  const reading = marksRead.get(db) ?? readMarks(db)
  marksRead.set(db, reading)
  // a failed read is not remembered
  reading.catch(() => marksRead.delete(db))
  return reading
}

async function readMarks(db: CacheDatabase): Promise<CacheMarks> {
  const stored = (await db.marks.get('marks'))?.value as Partial<CacheMarks> | undefined
  return { ...MARKS_AT_FIRST, ...stored }
}

function rowsIn(db: CacheDatabase, store: StoreName): CacheDatabase['rowsA'] {
  return store === 'A' ? db.rowsA : db.rowsB
}

function briefsIn(db: CacheDatabase, store: StoreName): CacheDatabase['briefsA'] {
  return store === 'A' ? db.briefsA : db.briefsB
}

// ---- writing what the station sent -------------------------------------------------------------

export interface RowsChange {
  store: StoreName
  rows: readonly WireRow[]
  gone: readonly string[]
  facts: readonly { i: number; id: string; subject: string; verdict: string; line: string }[]
  marks: Partial<CacheMarks>
}

/** One page of changes or of a snapshot, all or nothing. */
export async function applyRows(change: RowsChange): Promise<void> {
  await withCache((db) =>
    db.transaction('rw', [db.rowsA, db.rowsB, db.briefsA, db.briefsB, db.pulledFacts, db.marks], async () => {
      const [rows, briefs] = [rowsIn(db, change.store), briefsIn(db, change.store)]
      await rows.bulkPut(change.rows.map(cached))
      await briefs.bulkPut(change.rows.map(briefOf).filter((brief) => brief !== null))
      if (change.gone.length > 0) {
        await rows.where('id').anyOf([...change.gone]).delete()
        await briefs.where('id').anyOf([...change.gone]).delete()
      }
      await db.pulledFacts.bulkPut([...change.facts])
      const marks: CacheMarks = { ...(await readMarks(db)), ...change.marks }
      await db.marks.put({ name: 'marks', value: marks as unknown as Json })
    }),
  )
  readAgain()
}

/** The idle store, emptied: a snapshot is paged into it while the other one stays in use. */
export async function clearedIdleStore(): Promise<StoreName> {
  return withCache((db) =>
    db.transaction('rw', db.rowsA, db.rowsB, db.briefsA, db.briefsB, db.marks, async () => {
      const idle: StoreName = (await readMarks(db)).store === 'A' ? 'B' : 'A'
      await rowsIn(db, idle).clear()
      await briefsIn(db, idle).clear()
      return idle
    }),
  )
}

/** Everything the station sent; nothing of one's own is here. */
export async function forgetRows(): Promise<void> {
  await withCache((db) => db.transaction('rw', db.tables, () => Promise.all(db.tables.map((table) => table.clear()))))
  await clearPictures()
  readAgain()
}

function cached({ type, id, i, row }: WireRow): CachedRow {
  const fields = row as RowBase & { site?: string; state?: string }
  return { type, id, i, site: type === 'site' ? id : (fields.site ?? ''), state: fields.state ?? '', row: { ...row, type, id } }
}

function briefOf({ type, id, row }: WireRow): BriefRow | null {
  if (type === 'inspection') {
    const { site, day, state, checklist } = row as InspectionRow
    return { type, id, site, brief: { day, state, checklist } }
  }
  if (type === 'checklist') {
    const { checklist, version, sha256, content } = row as RowOf<'checklist'>
    return { type, id, site: '', brief: checklistBrief(checklist, version, sha256, content) }
  }
  return null
}

function checklistBrief(checklist: string, version: number, sha256: string, content: JsonObject): JsonObject {
  const { title, short, place_types, frequency, items } = content
  return {
    checklist, version, sha256,
    title: title ?? checklist,
    short: short ?? title ?? checklist,
    place_types: place_types ?? [],
    frequency: frequency ?? {},
    items: Array.isArray(items) ? items.length : 0,
  }
}

// ---- own facts that no row shows yet -----------------------------------------------------------

/** The station's rows do not contain it yet (or it is in quarantine): the phone shows it itself. */
export function isUncovered(fact: FactRecord, covered: number): boolean {
  if (fact.verdict?.startsWith('quarantined')) return true
  return fact.log_size === null || fact.log_size > covered
}

export async function uncoveredFacts(covered: number): Promise<FactRecord[]> {
  return withUser((db) => {
    const known = uncoveredRead.get(db)
    if (known?.covered === covered) return known.facts
    const facts = readUncovered(db, covered)
    uncoveredRead.set(db, { covered, facts })
    facts.catch(() => uncoveredRead.delete(db))
    return facts
  })
}

async function readUncovered(db: UserDatabase, covered: number): Promise<FactRecord[]> {
  const found = await Promise.all([
    db.facts.where('state').equals('unsent').toArray(),
    db.facts.where('state').equals('sent').toArray(),
    db.facts.where('log_size').above(covered).toArray(),
    db.facts.where('verdict').startsWith('quarantined').toArray(),
  ])
  const unique = new Map(found.flat().map((fact) => [fact.id, fact]))
  return [...unique.values()].sort((a, b) => a.n - b.n)
}

export async function ownFactsOf(subject: string): Promise<FactRecord[]> {
  const { covered } = await cacheMarks()
  const facts = await withUser((db) => db.facts.where('subject').equals(subject).toArray())
  return facts.filter((fact) => isUncovered(fact, covered)).sort((a, b) => a.n - b.n)
}

export function asOwnFact(record: FactRecord): OwnFact {
  const fact = JSON.parse(record.line) as OwnFact
  const fields = record.private_line === null ? {} : (JSON.parse(record.private_line) as { fields: JsonObject }).fields
  return { ...fact, body: { ...fact.body, ...fields } }
}

function laid<R extends RowBase>(row: RowBase | null, facts: readonly FactRecord[]): R | null {
  if (facts.length === 0) return row as R | null
  return overlay(row as Row | null, facts.map(asOwnFact)) as unknown as R | null
}

// ---- reading -----------------------------------------------------------------------------------

export async function row<T extends RowType>(type: T, id: string): Promise<RowOf<T> | null> {
  const stored = await withCache(async (db) => rowsIn(db, (await marksIn(db)).store).get([type, id]))
  return laid<RowOf<T>>(stored?.row ?? null, await ownFactsOf(id))
}

export interface RowFilter {
  site?: string
  states?: readonly string[]
}

/** All rows of a type, or of a site, or in some states; own new ones included. */
export async function rowsOf<T extends RowType>(type: T, filter: RowFilter = {}): Promise<RowOf<T>[]> {
  const { covered } = await cacheMarks()
  const stored = await withCache(async (db) => storedRows(rowsIn(db, (await marksIn(db)).store), type, filter))
  const rows = new Map(stored.map((cachedRow) => [cachedRow.id, cachedRow.row]))
  const own = new Map<string, FactRecord[]>()
  for (const fact of await uncoveredFacts(covered)) {
    if (fact.kind.startsWith(`${type}.`)) own.set(fact.subject, [...(own.get(fact.subject) ?? []), fact])
  }
  const subjects = [...new Set([...rows.keys(), ...own.keys()])]
  const base = await missingBases(type, subjects.filter((id) => !rows.has(id)))
  const seen = subjects.map((id) => laid<RowOf<T>>(rows.get(id) ?? base.get(id) ?? null, own.get(id) ?? []))
  return seen.filter((one): one is RowOf<T> => one !== null && matches(one, filter))
}

async function storedRows(table: CacheDatabase['rowsA'], type: string, { site, states }: RowFilter): Promise<CachedRow[]> {
  if (site !== undefined) return table.where('[type+site]').equals([type, site]).toArray()
  // one getAll per state: anyOf would walk a cursor row by row, which a slow phone feels
  if (states) return (await Promise.all(states.map((state) => table.where('[type+state]').equals([type, state]).toArray()))).flat()
  return table.where('[type+id]').between([type, ''], [type, ID_AFTER_ALL]).toArray()
}

/** Own facts may change a row that the filter did not fetch: fetch its base. */
async function missingBases(type: string, ids: readonly string[]): Promise<Map<string, RowBase>> {
  if (ids.length === 0) return new Map()
  const stored = await withCache(async (db) => rowsIn(db, (await marksIn(db)).store).bulkGet(ids.map((id): [string, string] => [type, id])))
  return new Map(stored.flatMap((one) => (one ? [[one.id, one.row] as const] : [])))
}

function matches(one: RowBase, { site, states }: RowFilter): boolean {
  const { site: ofSite, state } = one as RowBase & { site?: string; state?: string }
  return (site === undefined || ofSite === site) && (!states || states.includes(state ?? ''))
}

export async function briefs(type: 'inspection' | 'checklist'): Promise<BriefRow[]> {
  return withCache(async (db) => briefsIn(db, (await marksIn(db)).store).where('[type+id]').between([type, ''], [type, ID_AFTER_ALL]).toArray())
}

export async function rowById(type: RowType, id: string): Promise<RowBase | null> {
  return row(type, id)
}

/** What the author has seen of a subject: the heads of its row, moved on by this phone's own facts. */
export async function headsOf(type: RowType, id: string): Promise<string[]> {
  const stored = await withCache(async (db) => rowsIn(db, (await marksIn(db)).store).get([type, id]))
  return headsAfter(stored?.row.heads ?? [], await ownFactsOf(id))
}

export function headsAfter(heads: readonly string[], own: readonly FactRecord[]): string[] {
  const current = new Set(heads)
  for (const fact of own) {
    for (const before of (JSON.parse(fact.line) as { after: string[] }).after) current.delete(before)
    current.add(fact.id)
  }
  return [...current]
}

export const OPEN_HAZARD_STATES = [
  'submitted', 'returned', 'confirmed_general', 'confirmed_major', 'spot_fixed', 'rectifying', 'fix_pending', 'review_failed', 'reopened',
] as const

export function isOpen(hazard: HazardRow): boolean {
  return (OPEN_HAZARD_STATES as readonly string[]).includes(hazard.state)
}

export function isActive(site: SiteRow): boolean {
  return site.state !== 'retired'
}
