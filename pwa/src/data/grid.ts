// My grid this period: which sites had to be visited and which were, by grade and by campaign, and how each stands for a map.
// 家 (sites) and 家次 (visits) are never added up. It must not name or compare people.

import type { AreaRow } from '../contract/wire'
import { campaignsOn, concerns, stillToVisit } from '../rules/campaigns'
import { due, effectiveGrade, periodEnd, periodStart, spanWords } from '../rules/due'
import { dayIn, daysBetween, now } from '../lib/time'
import { withDescendants } from './areas'
import { STATION_TIMEZONE, me, stationDay } from './identity'
import { loaded, type Loaded } from './loaded'
import { currentFix, distanceTo } from './position'
import { overview } from './overview'
import { rowsTogether } from './rows'
import { lastVisit, type ListedSite, type SiteOnList } from './site_briefs'
import { mySites, needsRecheck, periods } from './today'

/** over: its day has passed; open: still to be visited this period; seen: visited, or not asked for this period */
export type Standing = 'over' | 'open' | 'seen'
export interface GridSite {
  site: ListedSite
  standing: Standing
  /** a sentence and two words */
  words: string
  chip: string
  due_on: string
  rechecks: number
  distance_m: number | null
}
export interface GridGroup {
  key: string
  title: string
  /** 本月, or until when a campaign runs */
  span: string
  /** sites that had to be visited in it */
  due: number
  done: number
  left: GridSite[]
}
export interface GridView {
  as_of: string | null
  due: number
  done: number
  /** visits in the running periods, several to one site counted each */
  visits: number
  groups: GridGroup[]
  sites: GridSite[]
  /** the sites' areas by name, for outlines on a map */
  areas: { id: string; name: string }[]
}

export function useGrid(): Loaded<GridView> {
  return loaded(['rows', 'facts', 'identity'], gridView, undefined, () => stationDay(null))
}

async function gridView(): Promise<GridView> {
  const [{ marks, sites: all, areas, settings, checklists, facts }, identity, { briefs: [visits = []] }] = await Promise.all([overview(), me(), rowsTogether([], ['inspection'])])
  const [day, fix, period] = [stationDay(identity), currentFix(now()), periods(checklists)]
  const known = mySites(all, identity?.areas ?? [], areas)
  const mine = known.map(({ site }) => site)
  const judged = known.map((one) => judge(one.site, { day, period: period(one.site), last: lastVisit(one), rechecks: one.open.filter((hazard) => needsRecheck(hazard, day)).length, distance_m: distanceTo(one.site, fix) }))
  const starts = new Map(mine.map((site) => [site.id, periodStart(day, period(site))]))
  const counted = (site: string, on: string): number => Number(on >= (starts.get(site) ?? '9999'))
  const own = facts.filter(({ kind, site }) => kind === 'inspection.submitted' && site)
  const had = visits.reduce((sum, { site, brief }) => sum + (brief.state === 'void' ? 0 : counted(site, String(brief.day))), 0)
  const unsent = own.reduce((sum, { site, at }) => sum + counted(site ?? '', dayIn(STATION_TIMEZONE, new Date(at))), 0)

  const grades = ['A', 'B', 'C'].map((grade) => {
    const of = judged.filter(({ asked, item }) => asked && effectiveGrade(item.site.grade ?? null, item.site.high_risk === true) === grade)
    const spans = [...new Set(of.map(({ item }) => spanWords(period(item.site))))]
    return group(grade, `${grade}级`, spans.join('、'), of.length, of.filter(({ item }) => item.standing !== 'seen').map(({ item }) => item))
  })
  const campaigns = campaignsOn(day, settings).map(({ id, name, from, to, checklist, ...about }) => {
    const within = withDescendants(about.areas, areas)
    const of = judged.filter(({ item }) => concerns({ id, name, from, to, checklist, ...about }, item.site, within))
    const seen = (id: string): string => (all.get(id) && lastVisit(all.get(id) as SiteOnList, checklist)) ?? ''
    const left = daysBetween(day, to)
    return group(id, name, left === 0 ? '今天最后一天' : `剩 ${left} 天`, of.length, of.filter(({ item }) => stillToVisit({ from }, seen(item.site.id))).map(({ item }) => inCampaign(item, name, to)))
  })
  return {
    as_of: marks.as_of,
    due: grades.reduce((sum, { due: count }) => sum + count, 0),
    done: grades.reduce((sum, { done }) => sum + done, 0),
    visits: had + unsent,
    groups: [...grades, ...campaigns].filter(({ due: count }) => count > 0),
    sites: judged.map(({ item }) => item),
    areas: areasOf(mine, areas),
  }
}

function group(key: string, title: string, span: string, count: number, left: GridSite[]): GridGroup {
  return { key, title, span, due: count, done: count - left.length, left: left.sort((a, b) => (a.due_on < b.due_on ? -1 : Number(a.due_on > b.due_on))) }
}

/** What its grade asks of it is another matter: it may have been seen this month and not for this. */
function inCampaign(item: GridSite, name: string, to: string): GridSite {
  return { ...item, standing: item.standing === 'over' ? 'over' : 'open', words: `${name}还没查`, chip: '专项', due_on: to }
}

interface About {
  day: string
  period: string
  last: string | null
  rechecks: number
  distance_m: number | null
}

/** `asked`: a visit belongs to the running period; a site registered in its last days has until the end of the next. */
function judge(site: ListedSite, { day, period, last, rechecks, distance_m }: About): { item: GridSite; asked: boolean } {
  const registered_on = dayIn(STATION_TIMEZONE, new Date(site.registered_at ?? now()))
  const when = due({ grade: site.grade ?? null, last_inspected_on: last, registered_on, today: day, period })
  const asked = when.state === 'done' || when.due_on <= periodEnd(day, period)
  const standing = when.state === 'overdue' ? 'over' : when.state === 'done' || !asked ? 'seen' : 'open'
  return { asked, item: { site, standing, words: when.reason, chip: when.chip, due_on: when.due_on, rechecks, distance_m } }
}

function areasOf(sites: readonly ListedSite[], areas: readonly AreaRow[]): { id: string; name: string }[] {
  const used = new Set(sites.map(({ area }) => area))
  return areas.filter(({ id }) => used.has(id)).map(({ id, name }) => ({ id, name }))
}
