// What lists need of a site, in a few fields: the site, the last visit with each checklist and its open hazards. Two thousand of these
// are read in the time that the rows behind them would take several times over.
// Derived from the rows and written with them (applied_rows.ts); those that cannot be trusted are made anew. Nothing may be kept here alone.

import type { HazardRow, Json, SiteRow } from '../contract/wire'
import type { BriefRow } from '../db/cache'
import type { FactRecord } from '../db/user'
import { dayIn } from '../lib/time'
import { STATION_TIMEZONE } from './identity'
import { asOwnFact, isOpen, touchedRows, type CacheMarks, type StoreName } from './rows'

/** raised when what a brief holds changes: those of an earlier release are made anew then */
const BRIEFS_FORM = 1

const FIELDS = [
  'id', 'state', 'name', 'place_types', 'area', 'address', 'grade', 'high_risk', 'initials', 'lat', 'lon', 'registered_at', 'changed_hands_on', 'pending',
] as const
/** The fields of a site that lists show, sort or search by. */
export type ListedSite = Pick<SiteRow, (typeof FIELDS)[number]>

export interface OpenHazard {
  id: string
  state: string
  deadline: string | null
  recheck_result: string | null
}
export interface SiteOnList {
  site: ListedSite
  /** the last day of a visit, by checklist; voided ones do not count, own unsent ones do */
  visits: { [checklist: string]: string }
  open: OpenHazard[]
}

/** the type of their records */
export const SITE = 'site'

/** Which rows these are. An earlier release does not count pages, but every page of the station's moves `as_of`. */
export function stampOf({ store, pages, cursor, as_of }: CacheMarks): string {
  return [BRIEFS_FORM, store, pages, cursor, as_of].join(' ')
}

export function listed(site: SiteRow): ListedSite {
  return unpackedSite(FIELDS.map((name) => site[name] ?? null))
}

export const openHazard = ({ id, state, deadline, recheck_result }: HazardRow): OpenHazard => ({ id, state, deadline: deadline ?? null, recheck_result: recheck_result ?? null })

// ---- how they are kept -------------------------------------------------------------------------

// Values in the order of their names, and some dozens of sites in one record: names over and over, and the way to the disk and back for
// every record, would take longer than all there is to read. A record stays below the 64 KB from which the browser keeps it as a file apart.
const RECORDS = 64
type Packed = [site: unknown[], visits: SiteOnList['visits'], open: (string | null)[][]]

/** By the end of its id, which is chance; in two digits, as the key of a record. */
export function recordOf(site: string): string {
  return String((Number.parseInt(site.slice(-2), 16) || 0) % RECORDS).padStart(2, '0')
}

/** The records of these sites, those of one record whole. */
export function briefsOf(sites: readonly SiteOnList[]): BriefRow[] {
  const records = new Map<string, Packed[]>()
  for (const { site, visits, open } of sites) {
    const packed: Packed = [FIELDS.map((name) => site[name] ?? null), visits, open.map((each) => [each.id, each.state, each.deadline, each.recheck_result])]
    const record = records.get(recordOf(site.id))
    if (record) record.push(packed)
    else records.set(recordOf(site.id), [packed])
  }
  return [...records].map(([id, packed]) => ({ type: SITE, id, site: '', brief: { sites: packed as unknown as Json } }))
}

export function sitesIn(briefs: readonly BriefRow[]): SiteOnList[] {
  return briefs.flatMap(({ brief }) => (brief as unknown as { sites: Packed[] }).sites.map(([site, visits, open]) => ({
    site: unpackedSite(site), visits, open: open.map(([id, state, deadline, recheck_result]) => ({ id, state, deadline, recheck_result }) as OpenHazard),
  })))
}

function unpackedSite(values: readonly unknown[]): ListedSite {
  const site: { [name: string]: unknown } = {}
  for (let place = 0; place < FIELDS.length; place++) {
    const [name, value] = [FIELDS[place], values[place]]
    if (name && value !== null && value !== false) site[name] = value
  }
  return site as unknown as ListedSite
}

// ---- as they are seen --------------------------------------------------------------------------

/** Later days win. */
export function noteVisit(visits: SiteOnList['visits'], checklist: string, day: string): void {
  if ((visits[checklist] ?? '') < day) visits[checklist] = day
}

/** The sites as they are seen now: own facts that no row shows yet lie over what the briefs say. */
export async function sitesSeen(briefs: readonly BriefRow[], facts: readonly FactRecord[], store: StoreName): Promise<Map<string, SiteOnList>> {
  const sites = new Map(sitesIn(briefs).map((known) => [known.site.id, known]))
  if (facts.length === 0) return sites
  const [own, hazards] = await Promise.all([touchedRows('site', facts, store), touchedRows('hazard', facts, store)])
  for (const site of own) sites.set(site.id, { visits: {}, open: [], ...sites.get(site.id), site: listed(site) })
  const touched = new Set(hazards.map(({ id }) => id))
  if (touched.size > 0) for (const one of sites.values()) if (one.open.some(({ id }) => touched.has(id))) one.open = one.open.filter(({ id }) => !touched.has(id))
  for (const hazard of hazards) if (isOpen(hazard)) sites.get(hazard.site)?.open.push(openHazard(hazard))
  for (const fact of facts) {
    const known = fact.kind === 'inspection.submitted' && fact.site ? sites.get(fact.site) : undefined
    if (known) noteVisit(known.visits, String(asOwnFact(fact).body.checklist), dayIn(STATION_TIMEZONE, new Date(fact.at)))
  }
  return sites
}

/** The last day it was inspected (with this checklist). */
export function lastVisit({ visits }: SiteOnList, checklist: string | null = null): string | null {
  if (checklist !== null) return visits[checklist] ?? null
  let last: string | null = null
  for (const used in visits) if ((last ?? '') < (visits[used] ?? '')) last = visits[used] ?? null
  return last
}
