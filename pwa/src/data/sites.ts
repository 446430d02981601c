// Sites: search by name, pinyin initials or village; one site with its history, open hazards and checklists; areas.
// It must not filter by what an account may see: the station has done that already.

import { areaPath, withDescendants } from './areas'
import { loaded, type Loaded } from './loaded'
import { checklistTitles, chosenFrom, titlesOf } from './checklists'
import { openDrafts } from './drafts'
import { me, stationDay } from './identity'
import { overview, type Overview } from './overview'
import { currentFix, distanceTo } from './position'
import { isActive, isOpen, row, rowsOf, rowsTogether } from './rows'
import type { ListedSite } from './site_briefs'
import { now } from '../lib/time'
import { byDeadline, hazardView, hazardViews, inspectionView, photosOfRow } from './views'
import type { AreaRow, InspectionRow } from '../contract/wire'
import type { HazardView, InspectionView, PhotoView, SiteHit, SiteView } from './types'

const SEARCH_HITS_MAX = 50

// ---- search ------------------------------------------------------------------------------------

interface Findable {
  site: ListedSite
  area_name: string
  name: string
  initials: string
  rest: string
}

// made once of what lists are made of, which is the same until rows or facts change
let findable: { of: Overview; all: Findable[] } | null = null

async function allFindable(): Promise<Findable[]> {
  const of = await overview()
  if (findable?.of !== of) findable = { of, all: madeFindable(of) }
  return findable.all
}

/** Before the first letter is typed, and before 场所 is opened. */
export async function readySearch(): Promise<void> {
  await allFindable()
}

function madeFindable({ sites, areas }: Overview): Findable[] {
  const byId = new Map(areas.map((area) => [area.id, area]))
  const paths = new Map(areas.map((area) => [area.id, areaPath(area, byId)]))
  return [...sites.values()].map(({ site }) => site).filter(isActive).map((site) => {
    const path = paths.get(site.area) ?? ''
    return {
      site,
      area_name: path,
      name: site.name.toLowerCase(),
      initials: (site.initials ?? '').toLowerCase(),
      rest: `${path} ${site.address ?? ''}`.toLowerCase(),
    }
  }).sort(bySound)
}

/** As the station spelled it: the browser's own tables of Chinese order take a second for ten thousand names. */
function bySound(a: Findable, b: Findable): number {
  const [one, two] = [a.initials || a.name, b.initials || b.name]
  return one < two ? -1 : one > two ? 1 : Number(a.name > b.name) - Number(a.name < b.name)
}

/** 3: the name begins with it; 2: the name contains it; 1: initials, village or address; 0: not found. */
function closeness({ name, initials, rest }: Findable, wanted: string): number {
  if (name.startsWith(wanted) || initials.startsWith(wanted)) return 3
  if (name.includes(wanted) || initials.includes(wanted)) return 2
  return rest.includes(wanted) ? 1 : 0
}

/** The closest first, by distance where a position is there, else by sound: the list is kept in that order. */
export async function searchSites(text: string, limit: number = SEARCH_HITS_MAX): Promise<SiteHit[]> {
  const all = await allFindable().catch(() => [])
  const words = text.trim().toLowerCase().split(/\s+/).filter((word) => word !== '')
  const fix = currentFix(now())
  const ranked: SiteHit[][] = [[], [], []]
  for (const one of all) {
    const rank = Math.min(...words.map((word) => closeness(one, word)), 3)
    if (rank > 0) ranked[3 - rank]?.push({ site: one.site, area_name: one.area_name, distance_m: distanceTo(one.site, fix), pending: one.site.pending === true })
  }
  if (fix) for (const hits of ranked) hits.sort((a, b) => (a.distance_m ?? Infinity) - (b.distance_m ?? Infinity))
  return ranked.flat().slice(0, limit)
}

// ---- one site ----------------------------------------------------------------------------------

export function useSite(id: string): Loaded<SiteView> {
  return loaded(['rows', 'facts', 'drafts', 'photos'], () => siteView(id))
}

async function siteView(id: string): Promise<SiteView | null> {
  const of = [{ type: 'hazard', site: id }, { type: 'inspection', site: id }] as const
  const [site, { rows: [hazards, inspections] }, { areas, checklists }, identity, drafts] = await Promise.all([row('site', id), rowsTogether(of), overview(), me(), openDrafts()])
  if (!site) return null
  const views = await hazardViews(hazards, () => site.name, stationDay(identity))
  const titles = titlesOf(checklists)
  return {
    site,
    area_name: areas.find((area) => area.id === site.area)?.name ?? '',
    inspections: inspections.sort((a, b) => (a.started_at < b.started_at ? 1 : -1)).map((inspection) => inspectionView(inspection, site.name, titles)),
    open_hazards: views.filter(({ hazard }) => isOpen(hazard)).sort(byDeadline),
    closed_hazards: views.filter(({ hazard }) => !isOpen(hazard)).sort((a, b) => (a.hazard.found_on < b.hazard.found_on ? 1 : -1)),
    checklists: chosenFrom(checklists, site.place_types),
    draft: drafts.find((draft) => draft.type === 'inspection' && draft.site === id)?.id ?? null,
  }
}

export function useHazard(id: string): Loaded<HazardView> {
  return loaded(['rows', 'facts', 'photos'], async () => {
    const hazard = await row('hazard', id)
    const site = hazard && (await row('site', hazard.site))
    return hazard && hazardView(hazard, site?.name ?? '', stationDay(await me()))
  })
}

export interface WholeInspection extends InspectionView {
  hazards: HazardView[]
  photos: PhotoView[]
}

export function useInspection(id: string): Loaded<WholeInspection> {
  return loaded(['rows', 'facts', 'photos'], async () => {
    const inspection = await row('inspection', id)
    if (!inspection) return null
    const site = await row('site', inspection.site)
    const today = stationDay(await me())
    const rows = await Promise.all(inspection.hazards.map((hazard) => row('hazard', hazard)))
    const hazards = rows.filter((hazard) => hazard !== null)
    return {
      ...inspectionView(inspection, site?.name ?? '', await checklistTitles()),
      hazards: await hazardViews(hazards, () => site?.name ?? '', today),
      photos: await photosOfRow(inspection),
    }
  })
}

/** The last inspection of this site with this checklist, for previous readings. */
export async function lastInspection(site: string, checklist: string): Promise<InspectionRow | null> {
  const all = (await rowsOf('inspection', { site })).filter((inspection) => inspection.checklist === checklist && inspection.state !== 'void')
  return all.sort((a, b) => (a.started_at < b.started_at ? 1 : -1))[0] ?? null
}

// ---- areas -------------------------------------------------------------------------------------

export interface AreaChoice {
  id: string
  name: string
  path: string
  mine: boolean
}

/** Places to choose from, grids first, one's own on top. */
export function useAreas(): Loaded<AreaChoice[]> {
  return loaded(['rows', 'identity'], async () => {
    const areas = await rowsOf('area')
    const byId = new Map(areas.map((area): [string, AreaRow] => [area.id, area]))
    const mine = withDescendants((await me())?.areas ?? [], areas)
    const rank = (choice: AreaChoice): number => (choice.mine ? 0 : 1)
    return areas
      .filter((area) => area.level !== 'town')
      .map((area) => ({ id: area.id, name: area.name, path: areaPath(area, byId), mine: mine.has(area.id) }))
      .sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path, 'zh'))
  })
}
