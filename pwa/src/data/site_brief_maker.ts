// Makes the briefs of sites out of their rows: of those a page of changes has touched, or of all.
// It must not know what lists do with them.

import type { HazardRow, InspectionRow, Json, SiteRow, WireRow } from '../contract/wire'
import { readCache, withCache } from '../db/access'
import type { BriefRow, CacheDatabase, CacheMark, CachedRow } from '../db/cache'
import { OPEN_HAZARD_STATES, briefsIn, isOpen, marksFrom, readMarks, rowsIn, type CacheMarks } from './rows'
import { SITE, briefsOf, listed, noteVisit, openHazard, recordOf, sitesIn, stampOf, type SiteOnList } from './site_briefs'

type Rows = CacheDatabase['rowsA']
type Briefs = CacheDatabase['briefsA']

/** from so many on it is quicker to read all rows once than each site's by itself */
const SITES_APART_MAX = 60
const KEPT_AFTER_MS = 1_000
const OF_A_SITE = ['hazard', 'inspection']
const ALL_SITES: [string[], string[]] = [[SITE, ''], [SITE, '\uffff']]
const ALL_VISITS: [string[], string[]] = [['inspection', ''], ['inspection', '\uffff']]
/** One range, as what else lies between is few (rows.ts). */
function openOnes(): [string[], string[]] {
  const states = [...OPEN_HAZARD_STATES].sort()
  return [['hazard', states[0] ?? ''], ['hazard', states[states.length - 1] ?? '']]
}

// ---- those a page has touched ------------------------------------------------------------------

/** Whose briefs a page of rows may change; asked before it is written, as a row may leave a site. */
export async function sitesTouched(rows: Rows, { rows: coming, gone }: { rows: readonly WireRow[]; gone: readonly string[] }): Promise<Set<string>> {
  const about = coming.filter(({ type }) => type === SITE || OF_A_SITE.includes(type))
  const before = [
    ...(await rows.bulkGet(about.map(({ type, id }): [string, string] => [type, id]))),
    ...(gone.length > 0 ? await rows.where('id').anyOf([...gone]).toArray() : []),
  ]
  const sites = [...about.map(siteOf), ...before.map((row) => row?.site ?? '')]
  return new Set(sites.filter((site) => site !== ''))
}

/** "" of what has none; also of a row whose first fact has not arrived: the station sends it with null. */
export function siteOf({ type, id, row }: Pick<WireRow, 'type' | 'id' | 'row'>): string {
  return type === SITE ? id : ((row as { site?: string | null }).site ?? '')
}

/** After the page is written, in the same transaction. */
export async function rewriteSites(rows: Rows, briefs: Briefs, sites: ReadonlySet<string>): Promise<void> {
  if (sites.size > SITES_APART_MAX) return rewriteAll(rows, briefs)
  const byRecord = new Map<string, string[]>()
  for (const id of sites) byRecord.set(recordOf(id), [...(byRecord.get(recordOf(id)) ?? []), id])
  for (const [record, ids] of byRecord) {
    const before = await briefs.get([SITE, record])
    const others = before ? sitesIn([before]).filter(({ site }) => !ids.includes(site.id)) : []
    const [made] = briefsOf([...others, ...(await sitesOf(ids, rows))])
    if (made) await briefs.put(made)
    else await briefs.delete([SITE, record])
  }
}

/** One that is none any more is not among them. */
async function sitesOf(ids: readonly string[], rows: Rows): Promise<SiteOnList[]> {
  const found: SiteOnList[] = []
  for (const stored of await rows.bulkGet(ids.map((id): [string, string] => [SITE, id]))) {
    if (stored) found.push(await oneSite(stored.row as SiteRow, rows))
  }
  return found
}

async function oneSite(site: SiteRow, rows: Rows): Promise<SiteOnList> {
  const made = empty(site)
  await rows.where('[type+site]').equals(['hazard', site.id]).each(({ row }) => { noteHazard(made, row as HazardRow) })
  await rows.where('[type+site]').equals(['inspection', site.id]).each(({ row }) => {
    const { state, checklist, day } = row as InspectionRow
    if (state !== 'void') noteVisit(made.visits, checklist, day)
  })
  return made
}

async function rewriteAll(rows: Rows, briefs: Briefs): Promise<void> {
  const [sites, hazards, visits] = [
    await rows.where('[type+id]').between(...ALL_SITES).toArray(),
    await rows.where('[type+state]').between(...openOnes(), true, true).toArray(),
    await briefs.where('[type+id]').between(...ALL_VISITS).toArray(),
  ]
  await replaceAll(briefs, briefsOf(allSites(sites, hazards, visits)))
}

async function replaceAll(briefs: Briefs, made: readonly BriefRow[]): Promise<void> {
  await briefs.where('[type+id]').between(...ALL_SITES).delete()
  await briefs.bulkPut([...made])
}

// ---- all ---------------------------------------------------------------------------------------

const empty = (site: SiteRow): SiteOnList => ({ site: listed(site), visits: {}, open: [] })

function noteHazard(site: SiteOnList, hazard: HazardRow): void {
  if (isOpen(hazard)) site.open.push(openHazard(hazard))
}

function allSites(rows: readonly CachedRow[], hazards: readonly CachedRow[], visits: readonly BriefRow[]): SiteOnList[] {
  const sites = new Map(rows.map(({ id, row }) => [id, empty(row as SiteRow)]))
  for (const { site, row } of hazards) {
    const known = sites.get(site)
    if (known) noteHazard(known, row as HazardRow)
  }
  for (const { site, brief } of visits) {
    const known = sites.get(site)
    if (known && brief.state !== 'void') noteVisit(known.visits, String(brief.checklist), String(brief.day))
  }
  return [...sites.values()]
}

/** With rows just fetched: whoever opens the app next finds them ready. A page that follows keeps them right (applied_rows.ts). */
export async function briefSites(): Promise<void> {
  await withCache((db) =>
    db.transaction('rw', [db.rowsA, db.rowsB, db.briefsA, db.briefsB, db.marks], async () => {
      const marks = await readMarks(db)
      if (marks.briefed === stampOf(marks)) return
      await rewriteAll(rowsIn(db, marks.store), briefsIn(db, marks.store))
      await trust(db, marks)
    }),
  ).catch(() => undefined) // no room: whoever reads a list makes them for himself
}

async function trust(db: CacheDatabase, marks: CacheMarks): Promise<void> {
  await db.marks.put({ name: 'marks', value: { ...marks, briefed: stampOf(marks) } as unknown as Json })
}

/**
 * The briefs of all sites out of their rows: none were there, or none that can be trusted. They are kept for the next time, when the
 * list of now is on the screen; a disk that refuses them only makes that as slow as this one.
 */
export async function madeBriefs(): Promise<BriefRow[]> {
  const database = await withCache((db) => Promise.resolve(db))
  const range = ([from, to]: [string[], string[]]): IDBKeyRange => IDBKeyRange.bound(from, to)
  const { marks, briefs } = await readCache(['marks', 'rowsA', 'rowsB', 'briefsA', 'briefsB'], async (from) => {
    const marks = marksFrom(await from.get<CacheMark>('marks', 'marks'))
    const [sites, hazards, visits] = await Promise.all([
      from.all<CachedRow>(`rows${marks.store}`, range(ALL_SITES)),
      from.all<CachedRow>(`rows${marks.store}`, range(openOnes()), '[type+state]'),
      from.all<BriefRow>(`briefs${marks.store}`, range(ALL_VISITS)),
    ])
    return { marks, briefs: briefsOf(allSites(sites, hazards, visits)) }
  })
  setTimeout(() => void keep(database, marks, briefs).catch(() => undefined), KEPT_AFTER_MS)
  return briefs
}

async function keep(database: CacheDatabase, of: CacheMarks, made: readonly BriefRow[]): Promise<void> {
  await withCache(async (db) => {
    if (db !== database) return // another person's by now
    await db.transaction('rw', [briefsIn(db, of.store), db.marks], async () => {
      const marks = await readMarks(db)
      if (stampOf(marks) !== stampOf(of)) return // a page has come meanwhile
      await replaceAll(briefsIn(db, of.store), made)
      await trust(db, marks)
    })
  })
}
