// Today's list: which sites are due and why, what waits for a recheck, what came back, what is half-filled.
// It must not hide anything for good: a site that is not due stays findable by search.

import type { AreaRow, HazardRow, SiteRow } from '../contract/wire'
import { CAMPAIGN_SOON_DAYS, campaignsOn, concerns, type Campaign } from '../rules/campaigns'
import { due, periodFor, type Due, type Frequency } from '../rules/due'
import { daysBetween, dayIn, now } from '../lib/time'
import type { BriefRow } from '../db/cache'
import type { FactRecord } from '../db/user'
import { checklistTitles, newest, suits, titlesOf, type Brief } from './checklists'
import { openDrafts } from './drafts'
import { STATION_TIMEZONE, me, stationDay } from './identity'
import { ahead, loaded, type Loaded } from './loaded'
import { currentFix, distanceTo } from './position'
import { returnedFrom } from './returned'
import { OPEN_HAZARD_STATES, asOwnFact, isActive, rowsOf, rowsTogether, uncoveredFacts } from './rows'
import { kindWords } from './titles'
import { areaPath, byDeadline, hazardViews, withDescendants } from './views'
import type { Draft, DraftSummary, DueReason, ReturnedItem, Today, TodayItem } from './types'

/** a hazard is on the list from this many days before its deadline */
export const RECHECK_AHEAD_DAYS = 3

const TOPICS = ['rows', 'facts', 'drafts', 'identity'] as const

export const todayAhead = ahead(TOPICS, readToday)

export function useToday(): Loaded<Today> {
  return loaded(TOPICS, readToday, todayAhead)
}

export function useDrafts(): Loaded<DraftSummary[]> {
  return loaded(['drafts', 'rows'], async () => {
    const names = new Map((await rowsOf('site')).map((site) => [site.id, site.name]))
    return summaries(await openDrafts(), names, await checklistTitles())
  })
}

/** The number of reads does not depend on how many sites there are; every one is a way to the disk at a cold start. */
async function readToday(): Promise<Today> {
  const wanted = [{ type: 'area' }, { type: 'site' }, { type: 'hazard', states: OPEN_HAZARD_STATES }, { type: 'inspection', states: ['returned'] }, { type: 'account' }, { type: 'setting' }] as const
  const [{ marks, rows, briefs }, identity, drafts] = await Promise.all([rowsTogether(wanted, ['inspection', 'checklist']), me(), openDrafts()])
  const [areas, all, hazards, inspections, accounts, settings] = rows
  const [visits = [], lists = []] = briefs
  const checklists = newest(lists)
  const day = stationDay(identity)
  const facts = await uncoveredFacts(marks.covered)
  const names = new Map(all.map((site) => [site.id, site.name]))
  const sites = mySites(all, identity?.areas ?? [], areas)
  const mine = new Set(sites.map((site) => site.id))
  const open = hazards.filter((hazard) => mine.has(hazard.site))
  const waiting = open.filter((hazard) => needsRecheck(hazard, day))
  const returnedRows = [...hazards.filter((hazard) => hazard.state === 'returned'), ...inspections]
  const returned = await returnedFrom({ account: identity?.account, rows: returnedRows, sites: all, accounts, covered: marks.covered })
  const context = {
    day, drafts, last: lastVisits(visits, facts), fix: currentFix(now()), areas: new Map(areas.map((area) => [area.id, area])),
    campaigns: campaignsOn(day, settings).map((campaign) => ({ campaign, within: withDescendants(campaign.areas, areas), last: lastVisits(visits, facts, campaign.checklist) })),
    open: bySite(open), waiting: bySite(waiting), returned: bySite(returned.filter((item) => !item.answered)),
  }
  const period = periods(checklists)
  const items = sites.map((site) => todayItem(site, period(site), context)).filter((item) => item !== null)
  const rechecks = await hazardViews(waiting, (hazard) => names.get(hazard.site) ?? '', day)
  return {
    day,
    items: items.sort(byPressure),
    rechecks: rechecks.sort(byDeadline),
    returned,
    drafts: summaries(drafts, names, titlesOf(checklists)),
    as_of: marks.as_of,
  }
}

export function mySites(all: readonly SiteRow[], areas: readonly string[], allAreas: readonly AreaRow[]): SiteRow[] {
  const sites = all.filter(isActive)
  if (areas.length === 0) return sites
  const mine = withDescendants(areas, allAreas)
  return sites.filter((site) => mine.has(site.area) || site.pending)
}

// ---- when is it due ----------------------------------------------------------------------------

/** Asked for every site, and there are few kinds of sites: each kind is thought about once. */
export function periods(checklists: readonly Brief[]): (site: SiteRow) => string {
  const known = new Map<string, string>()
  return (site) => {
    const kind = [site.grade, site.high_risk, ...site.place_types].join('\n')
    let period = known.get(kind)
    if (period === undefined) {
      const frequencies = checklists.filter((brief) => suits(brief, site.place_types)).map((brief) => brief.frequency as Frequency)
      period = periodFor(site.grade ?? null, site.high_risk === true, frequencies)
      known.set(kind, period)
    }
    return period
  }
}

/** The last day each site was inspected (with this checklist); voided visits do not count, own unsent ones do. */
export function lastVisits(visits: readonly BriefRow[], facts: readonly FactRecord[], checklist: string | null = null): Map<string, string> {
  const last = new Map<string, string>()
  const note = (site: string, used: unknown, day: string): void => {
    if ((checklist === null || used === checklist) && (last.get(site) ?? '') < day) last.set(site, day)
  }
  for (const { site, brief } of visits) if (brief.state !== 'void') note(site, brief.checklist, String(brief.day))
  for (const fact of facts) {
    if (fact.kind === 'inspection.submitted' && fact.site) note(fact.site, asOwnFact(fact).body.checklist, dayIn(STATION_TIMEZONE, new Date(fact.at)))
  }
  return last
}

/** Waits for somebody to go there: put right by the owner's word, refused at the last recheck, or the deadline is near. */
export function needsRecheck(hazard: HazardRow, day: string): boolean {
  if (hazard.recheck_result === 'fixed' || hazard.state === 'returned' || hazard.state === 'spot_fixed') return false
  if (hazard.state === 'fix_pending' || hazard.state === 'review_failed') return true
  return typeof hazard.deadline === 'string' && daysBetween(day, hazard.deadline) <= RECHECK_AHEAD_DAYS
}

// ---- one line of the list ----------------------------------------------------------------------

interface Context {
  day: string
  fix: ReturnType<typeof currentFix>
  open: Map<string, HazardRow[]>
  waiting: Map<string, HazardRow[]>
  returned: Map<string, ReturnedItem[]>
  drafts: Draft[]
  last: Map<string, string>
  areas: Map<string, AreaRow>
  campaigns: readonly { campaign: Campaign; within: ReadonlySet<string>; last: ReadonlyMap<string, string> }[]
}

/** Grouped once: a grid may have thousands of sites and the list is read at every cold start. */
function bySite<Item extends { site: string }>(items: readonly Item[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(item.site)
    if (group) group.push(item)
    else groups.set(item.site, [item])
  }
  return groups
}

type Reason = TodayItem['reasons'][number]

function todayItem(site: SiteRow, period: string, context: Context): TodayItem | null {
  const last = context.last.get(site.id) ?? null
  const registered = dayIn(STATION_TIMEZONE, new Date(site.registered_at ?? now()))
  const when = due({ grade: site.grade ?? null, last_inspected_on: last, registered_on: registered, today: context.day, period })
  const waiting = context.waiting.get(site.id) ?? []
  const draft = context.drafts.find((one) => one.type === 'inspection' && one.site === site.id)
  const reasons = [...returnedReason(site, context), ...recheckReasons(waiting, context.day), ...dueReason(when), ...campaignReasons(site, context), ...changedReason(site, last)]
  if (reasons.length === 0 && !draft) return null
  const area = context.areas.get(site.area)
  return {
    site,
    area_name: area ? areaPath(area, context.areas) : '',
    reasons: reasons.sort((a, b) => PRESSURE[a.code] - PRESSURE[b.code]),
    due_on: when.state === 'done' ? null : when.due_on,
    last_on: last,
    open_hazards: context.open.get(site.id)?.length ?? 0,
    rechecks: waiting.length,
    distance_m: distanceTo(site, context.fix),
    draft: draft?.id ?? null,
    pending: site.pending === true,
  }
}

const PRESSURE: Record<DueReason, number> = { overdue: 0, recheck_overdue: 1, returned: 2, recheck_due: 3, due_soon: 4, campaign_soon: 5, campaign: 6, never: 7, due: 8, changed: 9 }

function dueReason(when: Due): Reason[] {
  return when.state === 'done' ? [] : [{ code: when.state, words: when.reason, chip: when.chip }]
}

function campaignReasons(site: SiteRow, { campaigns, day }: Context): Reason[] {
  return campaigns.flatMap(({ campaign, within, last }): Reason[] => {
    const { name, from, to } = campaign
    if (!concerns(campaign, site, within) || (last.get(site.id) ?? '') >= from) return []
    const left = daysBetween(day, to)
    return [{ code: left <= CAMPAIGN_SOON_DAYS ? 'campaign_soon' : 'campaign', words: `${name}，${left === 0 ? '今天最后一天' : `剩 ${left} 天`}`, chip: '专项' }]
  })
}

/** Nobody has been there since: what the file says about the people there is to be asked anew. */
function changedReason({ changed_hands_on: day }: SiteRow, last: string | null): Reason[] {
  return day && day > (last ?? '') ? [{ code: 'changed', words: '换了名称或负责人', chip: '换了人' }] : []
}

function recheckReasons(waiting: readonly HazardRow[], day: string): Reason[] {
  const late = waiting.filter((hazard) => hazard.deadline && hazard.deadline < day).length
  const reasons: Reason[] = []
  if (late > 0) reasons.push({ code: 'recheck_overdue', words: `${late} 条隐患过了期限，要复查`, chip: `${late} 条过期` })
  if (waiting.length > late) reasons.push({ code: 'recheck_due', words: `${waiting.length - late} 条待复查`, chip: `${waiting.length - late} 条待复查` })
  return reasons
}

function returnedReason(site: SiteRow, { returned }: Context): Reason[] {
  const count = returned.get(site.id)?.length ?? 0
  return count > 0 ? [{ code: 'returned', words: `站长退回 ${count} 份，要补`, chip: `退回 ${count}` }] : []
}

/** Days and pinyin initials as text. */
function inOrder(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/** By sound, as the station spelled it: the browser's own tables of Chinese order cost a slow phone as much as the list. */
function spelled({ site }: TodayItem): string {
  return site.initials ?? site.name
}

function byPressure(a: TodayItem, b: TodayItem): number {
  const rank = (item: TodayItem): number => (item.reasons[0] ? PRESSURE[item.reasons[0].code] : 9)
  return rank(a) - rank(b) || inOrder(a.due_on ?? '9999', b.due_on ?? '9999') || inOrder(spelled(a), spelled(b)) || inOrder(a.site.name, b.site.name)
}

// ---- drafts ------------------------------------------------------------------------------------

function summaries(drafts: readonly Draft[], names: ReadonlyMap<string, string>, titles: ReadonlyMap<string, string>): DraftSummary[] {
  return drafts.map((draft) => {
    const inspection = draft.type === 'inspection' ? draft : null
    return {
      id: draft.id,
      type: draft.type,
      kind: draft.type === 'step' ? draft.kind : null,
      site: draft.site,
      site_name: (draft.site && names.get(draft.site)) || '',
      checklist: inspection?.checklist ?? null,
      checklist_title: draft.type === 'step' ? kindWords(draft.kind) : (titles.get(draft.checklist) ?? draft.checklist),
      answered: inspection ? Object.values(inspection.answers).filter((answer) => answer.verdict !== 'unanswered').length : 0,
      hazards: inspection?.hazards.length ?? 0,
      updated_at: draft.updated_at,
    }
  })
}

