// Writing what the station sent: rows, the briefs lists read in their place, and how far they go, in one transaction.
// It must not touch anything of one's own.

import type { HazardRow, InspectionRow, Json, JsonObject, WireRow } from '../contract/wire'
import { withCache } from '../db/access'
import type { BriefRow, CachedRow } from '../db/cache'
import { clearPictures } from '../db/pictures'
import { now } from '../lib/time'
import { briefsIn, readAgain, readMarks, rowsIn, CLOSED, type Arriving, type CacheMarks, type RowOf, type StoreName } from './rows'
import { stampOf } from './site_briefs'
import { rewriteSites, siteOf, sitesTouched } from './site_brief_maker'

/** of a longer way, what changed meanwhile is more than what it saves */
const ARRIVING_MS_MAX = 24 * 3_600_000

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
      const before = await readMarks(db)
      // of a snapshot on its way nobody reads a list: its sites get their briefs from whoever does so first
      const sites = change.store === before.store && before.briefed === stampOf(before) ? await sitesTouched(rows, change) : null
      await rows.bulkPut(change.rows.map(cached))
      await briefs.bulkPut(change.rows.map(briefOf).filter((brief) => brief !== null))
      if (change.gone.length > 0) {
        await rows.where('id').anyOf([...change.gone]).delete()
        await briefs.where('id').anyOf([...change.gone]).delete()
      }
      await db.pulledFacts.bulkPut([...change.facts])
      const marks: CacheMarks = { ...before, pages: (before.pages ?? 0) + 1, ...change.marks }
      if (sites) {
        await rewriteSites(rows, briefs, sites)
        marks.briefed = stampOf(marks)
      }
      await db.marks.put({ name: 'marks', value: marks as unknown as Json })
    }),
  )
  readAgain()
}

/** The idle store, emptied: a snapshot is paged into it while the other one stays in use. */
export async function clearedIdleStore(): Promise<StoreName> {
  return withCache((db) =>
    db.transaction('rw', db.rowsA, db.rowsB, db.briefsA, db.briefsB, db.marks, async () => {
      const marks = await readMarks(db)
      const idle: StoreName = marks.store === 'A' ? 'B' : 'A'
      await rowsIn(db, idle).clear()
      await briefsIn(db, idle).clear()
      await db.marks.bulkPut([{ name: CLOSED, value: true }, { name: 'marks', value: { ...marks, arriving: null } as unknown as Json }])
      return idle
    }),
  )
}

/** The snapshot that goes on where a line broke or an app was closed; null: it begins. */
export async function arrivingFor(enrolment: string | null): Promise<Arriving | null> {
  const { store, arriving } = await withCache(readMarks)
  if (!arriving || arriving.store === store || arriving.enrolment !== enrolment) return null
  const age = now().getTime() - Date.parse(arriving.begun_at)
  return age >= 0 && age < ARRIVING_MS_MAX ? arriving : null
}

/** Everything the station sent; nothing of one's own is here. */
export async function forgetRows(): Promise<void> {
  await withCache((db) => db.transaction('rw', db.tables, () => Promise.all(db.tables.map((table) => table.clear()))))
  await clearPictures()
  readAgain()
}

function cached({ type, id, i, row }: WireRow): CachedRow {
  return { type, id, i, site: siteOf({ type, id, row }), state: (row as { state?: string | null }).state ?? '', row: { ...row, type, id } }
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
  return type === 'hazard' ? closedBrief(row as HazardRow) : null
}

/** Found by the day of its closing; one that was reopened keeps it, so that whoever reads it looks at the row (look_back.ts). */
export function closedBrief({ id, site, state, closed_on }: HazardRow): BriefRow | null {
  return state === 'closed' && closed_on ? { type: CLOSED, id: `${closed_on} ${id}`, site, brief: { hazard: id, closed_on } } : null
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

