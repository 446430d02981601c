// 回头看: sites whose hazards were closed some weeks ago and that nobody has seen since, lest what was put right comes back.
// A visit of any kind after the closing is enough: whoever went there has seen it. It must not hide a site that is due anyhow.

import type { BriefRow } from '../db/cache'
import type { HazardRow } from '../contract/wire'
import { readCache, withCache } from '../db/access'
import type { CachedRow } from '../db/cache'
import { addDays, now } from '../lib/time'
import { me, stationDay } from './identity'
import { loaded, type Loaded } from './loaded'
import { currentFix, distanceTo } from './position'
import { overview } from './overview'
import { closedBrief } from './applied_rows'
import { CLOSED, briefsIn, rowsIn, type CacheMarks } from './rows'
import { lastVisit, type ListedSite } from './site_briefs'
import { mySites } from './today'

/** so many days after the closing somebody looks again */
export const LOOK_BACK_DAYS = 30
/** after half a year every site has had its regular turn, or is overdue for it */
export const LOOK_BACK_DAYS_MAX = 183

export interface LookBack {
  site: ListedSite
  /** hazards closed and not seen since */
  hazards: number
  /** the last of them */
  closed_on: string
  distance_m: number | null
}

export function useLookBack(): Loaded<LookBack[]> {
  return loaded(['rows', 'facts', 'identity'], lookBacks)
}

async function lookBacks(): Promise<LookBack[]> {
  await fillOnce()
  const [{ marks, areas, sites: all }, identity] = await Promise.all([overview(), me()])
  const day = stationDay(identity)
  const sites = new Map(mySites(all, identity?.areas ?? [], areas).map((known) => [known.site.id, known]))
  const candidates = (await closedBetween(marks, addDays(day, -LOOK_BACK_DAYS_MAX), addDays(day, -LOOK_BACK_DAYS)))
    .filter(({ site, brief }) => {
      const known = sites.get(site)
      return known && (lastVisit(known) ?? '') <= String(brief.closed_on)
    })
  const fix = currentFix(now())
  const found = new Map<string, LookBack>()
  for (const { site: id, brief } of await stillClosed(marks, candidates)) {
    const site = sites.get(id)?.site
    if (!site) continue
    const before = found.get(id)
    found.set(id, { site, hazards: (before?.hazards ?? 0) + 1, closed_on: String(brief.closed_on), distance_m: distanceTo(site, fix) })
  }
  return [...found.values()] // in the order of their first closing: the longest wait on top
}

function closedBetween({ store }: CacheMarks, from: string, to: string): Promise<BriefRow[]> {
  const table = `briefs${store}`
  return readCache([table], (read) => read.all<BriefRow>(table, IDBKeyRange.bound([CLOSED, from], [CLOSED, `${to}\uffff`])))
}

/** A brief outlives a reopening, the row does not. */
async function stillClosed({ store }: CacheMarks, briefs: readonly BriefRow[]): Promise<BriefRow[]> {
  const table = `rows${store}`
  const rows = await readCache([table], (read) => read.many<CachedRow>(table, briefs.map(({ brief }) => ['hazard', String(brief.hazard)])))
  return briefs.filter((brief, place) => {
    const row = rows[place]?.row as HazardRow | undefined
    return row?.state === 'closed' && row.closed_on === brief.brief.closed_on
  })
}

/** Rows that an earlier release of the app has pulled have no such briefs yet. */
async function fillOnce(): Promise<void> {
  await withCache((db) =>
    db.transaction('rw', [db.rowsA, db.rowsB, db.briefsA, db.briefsB, db.marks], async () => {
      if (await db.marks.get(CLOSED)) return
      const store = ((await db.marks.get('marks'))?.value as { store?: 'A' | 'B' } | undefined)?.store ?? 'A'
      const briefs: BriefRow[] = []
      await rowsIn(db, store).where('[type+state]').equals(['hazard', 'closed']).each(({ row }) => {
        const brief = closedBrief(row as HazardRow)
        if (brief) briefs.push(brief)
      })
      await briefsIn(db, store).bulkPut(briefs)
      await db.marks.put({ name: CLOSED, value: true })
    }),
  )
}
