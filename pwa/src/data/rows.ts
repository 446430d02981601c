// Rows as a person should see them: what the station sent, with this phone's own facts laid over what it does not show yet.
// It must not resolve conflicts or fold: only the station folds.

import type { HazardRow, JsonObject, Row, RowBase, RowType, SiteRow } from '../contract/wire'
import { readCache, readUser, withCache, withUser } from '../db/access'
import type { BriefRow, CacheDatabase, CacheMark, CachedRow } from '../db/cache'
import type { Reading } from '../db/reading'
import type { FactRecord, UserDatabase } from '../db/user'
import { overlay, type OwnFact } from '../rules/overlay'
import { onChanged } from './signal'
import { asWritten } from './own_order'

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
  /** who asked for the rows; null: before that was noted */
  enrolment: string | null
  /** pages of changes written so far */
  pages?: number
  /** which rows the briefs of sites were made of (site_briefs.ts); absent: there are none */
  briefed?: string
  /** of a snapshot that is not whole yet; null or absent: there is none */
  arriving?: Arriving | null
}

/** What the idle store holds of a snapshot, and where it goes on: written with each page's rows, so that the two agree. */
export interface Arriving {
  store: StoreName
  /** the first page's cursor */
  at: string
  after: string
  epoch: number
  enrolment: string | null
  begun_at: string
}

/** the briefs of closed hazards; the mark of this name says that all of them are there */
export const CLOSED = 'closed'
/** above every id and every ending */
const AFTER_ALL = '\uffff'
const MARKS_AT_FIRST: CacheMarks = { store: 'A', cursor: null, covered: 0, as_of: null, head: null, enrolment: null }

export async function cacheMarks(): Promise<CacheMarks> {
  return withCache(async (db) => marksIn(db))
}

// read once until something changes: a list asks for them a dozen times
let marksRead = new WeakMap<CacheDatabase, Promise<CacheMarks>>()
let uncoveredRead = new WeakMap<UserDatabase, { covered: number; facts: Promise<FactRecord[]> }>()

let round = 0
/** Another number: what was read of rows or facts before may be read again. */
export const rowsRound = (): number => round

export function readAgain(): void {
  round += 1
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

export async function readMarks(db: CacheDatabase): Promise<CacheMarks> {
  return marksFrom(await db.marks.get('marks'))
}

export function marksFrom(stored: CacheMark | undefined): CacheMarks {
  return { ...MARKS_AT_FIRST, ...(stored?.value as Partial<CacheMarks> | undefined) }
}

export function rowsIn(db: CacheDatabase, store: StoreName): CacheDatabase['rowsA'] {
  return store === 'A' ? db.rowsA : db.rowsB
}

export function briefsIn(db: CacheDatabase, store: StoreName): CacheDatabase['briefsA'] {
  return store === 'A' ? db.briefsA : db.briefsB
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
    const facts = readUncovered(covered)
    uncoveredRead.set(db, { covered, facts })
    facts.catch(() => uncoveredRead.delete(db))
    return facts
  })
}

async function readUncovered(covered: number): Promise<FactRecord[]> {
  const found = await readUser(['facts'], (from) => Promise.all([
    from.all<FactRecord>('facts', 'unsent', 'state'),
    from.all<FactRecord>('facts', 'sent', 'state'),
    from.all<FactRecord>('facts', IDBKeyRange.lowerBound(covered, true), 'log_size'),
    from.all<FactRecord>('facts', IDBKeyRange.bound('quarantined', `quarantined${AFTER_ALL}`), 'verdict'),
  ]))
  const unique = new Map(found.flat().map((fact) => [fact.id, fact]))
  return asWritten(unique.values())
}

export async function ownFactsOf(subject: string): Promise<FactRecord[]> {
  const { covered } = await cacheMarks()
  const facts = await withUser((db) => db.facts.where('subject').equals(subject).toArray())
  return asWritten(facts.filter((fact) => isUncovered(fact, covered)))
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

/** Null also while its first fact has not arrived: nothing is known of it yet, no place, no words, no day. */
export async function row<T extends RowType>(type: T, id: string): Promise<RowOf<T> | null> {
  const stored = await withCache(async (db) => rowsIn(db, (await marksIn(db)).store).get([type, id]))
  const found = laid<RowOf<T>>(stored?.row ?? null, await ownFactsOf(id))
  return (found as { state?: string } | null)?.state === 'incomplete' ? null : found
}

export interface RowFilter {
  site?: string
  states?: readonly string[]
}

interface Asked extends RowFilter {
  type: RowType
}

export interface Together<Filters extends readonly Asked[]> {
  marks: CacheMarks
  rows: { [Place in keyof Filters]: RowOf<Filters[Place]['type']>[] }
  briefs: BriefRow[][]
}

/** All rows of a type, or of a site, or in some states; own new ones included. */
export async function rowsOf<T extends RowType>(type: T, filter: RowFilter = {}): Promise<RowOf<T>[]> {
  return (await rowsTogether([{ type, ...filter }])).rows[0] as RowOf<T>[]
}

/** What a whole list needs, of one moment: the same reads for ten sites and for ten thousand. */
export async function rowsTogether<const Filters extends readonly Asked[]>(filters: Filters, briefTypes: readonly string[] = []): Promise<Together<Filters>> {
  const { marks, stored, briefs } = await readCache(['marks', 'rowsA', 'rowsB', 'briefsA', 'briefsB'], async (from) => {
    const marks = marksFrom(await from.get<CacheMark>('marks', 'marks'))
    const [stored, briefs] = await Promise.all([
      Promise.all(filters.map((filter) => storedRows(from, `rows${marks.store}`, filter))),
      Promise.all(briefTypes.map((type) => from.all<BriefRow>(`briefs${marks.store}`, ofType(type)))),
    ])
    return { marks, stored, briefs }
  })
  const facts = await uncoveredFacts(marks.covered)
  const rows = await Promise.all(filters.map((filter, place) => shownRows(filter, stored[place] ?? [], facts, marks.store)))
  return { marks, rows: rows as Together<Filters>['rows'], briefs }
}

const ofType = (type: string): IDBKeyRange => IDBKeyRange.bound([type, ''], [type, AFTER_ALL])

async function storedRows(from: Reading, table: string, { type, site, states }: Asked): Promise<CachedRow[]> {
  if (site !== undefined) return from.all(table, [type, site], '[type+site]')
  if (!states) return from.all(table, ofType(type))
  // one range from the first state to the last: what else lies between is few, and every further read is a way to the disk
  const sorted = [...states].sort()
  const found = await from.all<CachedRow>(table, IDBKeyRange.bound([type, sorted[0]], [type, sorted[sorted.length - 1]]), '[type+state]')
  return found.filter(({ state }) => states.includes(state))
}

async function shownRows({ type, ...filter }: Asked, stored: readonly CachedRow[], facts: readonly FactRecord[], store: StoreName): Promise<RowBase[]> {
  const rows = new Map(stored.map((cachedRow) => [cachedRow.id, cachedRow.row]))
  const own = new Map<string, FactRecord[]>()
  for (const fact of facts) if (fact.kind.startsWith(`${type}.`)) own.set(fact.subject, [...(own.get(fact.subject) ?? []), fact])
  const subjects = [...new Set([...rows.keys(), ...own.keys()])]
  const base = await missingBases(type, subjects.filter((id) => !rows.has(id)), store)
  const seen = subjects.map((id) => laid<RowBase>(rows.get(id) ?? base.get(id) ?? null, own.get(id) ?? []))
  return seen.filter((one): one is RowBase => one !== null && matches(one, filter))
}

/** The rows of a type that own facts have touched, as they are seen now; one that is none yet is not among them. */
export async function touchedRows<T extends RowType>(type: T, facts: readonly FactRecord[], store: StoreName): Promise<RowOf<T>[]> {
  return (await shownRows({ type }, [], facts, store)) as unknown as RowOf<T>[]
}

/** Own facts may change a row that the filter did not fetch: fetch its base. */
async function missingBases(type: string, ids: readonly string[], store: StoreName): Promise<Map<string, RowBase>> {
  if (ids.length === 0) return new Map()
  const stored = await readCache([`rows${store}`], (from) => from.many<CachedRow>(`rows${store}`, ids.map((id) => [type, id])))
  return new Map(stored.flatMap((one) => (one ? [[one.id, one.row] as const] : [])))
}

function matches(one: RowBase, { site, states }: RowFilter): boolean {
  const { site: ofSite, state } = one as RowBase & { site?: string; state?: string }
  return (site === undefined || ofSite === site) && (!states || states.includes(state ?? ''))
}

export async function briefs(type: 'inspection' | 'checklist'): Promise<BriefRow[]> {
  return withCache(async (db) => briefsIn(db, (await marksIn(db)).store).where('[type+id]').between([type, ''], [type, AFTER_ALL]).toArray())
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

export function isOpen(hazard: Pick<HazardRow, 'state'>): boolean {
  return (OPEN_HAZARD_STATES as readonly string[]).includes(hazard.state)
}

export function isActive(site: Pick<SiteRow, 'state'>): boolean {
  return site.state === 'active' // of an incomplete one nobody knows the name yet
}
