// Today's list: which sites are due and why, what waits for a recheck, what came back, what is half-filled.
// It must not hide anything for good: a site that is not due stays findable by search.

import type { AreaRow, HazardRow } from '../contract/wire'
import { CAMPAIGN_SOON_DAYS, campaignsOn, concerns, stillToVisit, type Campaign } from '../rules/campaigns'
import { due, periodFor, type Due, type DueInput, type Frequency } from '../rules/due'
import { addDays, daysBetween, dayIn, now } from '../lib/time'
import { areaPath, withDescendants } from './areas'
import { suits, titlesOf, type Brief } from './checklists'
import { openDrafts } from './drafts'
import { STATION_TIMEZONE, me, stationDay } from './identity'
import { ahead, loaded, type Loaded } from './loaded'
import { overview } from './overview'
import { currentFix, distanceTo } from './position'
import { returnedFrom } from './returned'
import { isActive } from './rows'
import { lastVisit, type ListedSite, type OpenHazard, type SiteOnList } from './site_briefs'
import { kindWords } from './titles'
import type { Draft, DraftSummary, DueReason, ReturnedItem, Today, TodayItem } from './types'

/** a hazard is on the list from this many days before its deadline */
export const RECHECK_AHEAD_DAYS = 3

const TOPICS = ['rows', 'facts', 'drafts', 'identity'] as const

export const todayAhead = ahead(TOPICS, readToday)

export function useToday(): Loaded<Today> {
  return loaded(TOPICS, readToday, todayAhead, () => stationDay(null))
}

export function useDrafts(): Loaded<DraftSummary[]> {
  return loaded(['drafts', 'rows'], async () => {
    const { sites, checklists } = await overview()
    return summaries(await openDrafts(), (site) => sites.get(site)?.site.name ?? '', titlesOf(checklists))
  })
}

async function readToday(): Promise<Today> {
  const [{ marks, sites: all, areas: allAreas, checklists, settings, accounts, returned: returnedRows }, identity, drafts] = await Promise.all([overview(), me(), openDrafts()])
  const day = stationDay(identity)
  const sites = mySites(all, identity?.areas ?? [], allAreas)
  const names = (site: string): string => all.get(site)?.site.name ?? ''
  const returned = await returnedFrom({ account: identity?.account, rows: returnedRows, names, accounts, covered: marks.covered })
  const areas = new Map(allAreas.map((area) => [area.id, area]))
  const context = {
    day, fix: currentFix(now()), period: periods(checklists), area: areaNamed(areas), due: dueOnce(day), drafts: bySite(drafts),
    campaigns: campaignsOn(day, settings).map((campaign) => ({ campaign, within: withDescendants(campaign.areas, allAreas) })),
    returned: bySite(returned.filter((item) => !item.answered)),
  }
  return {
    day,
    items: inOrder(sites.map((site) => todayItem(site, context)).filter((item) => item !== null)),
    returned,
    drafts: summaries(drafts, names, titlesOf(checklists)),
    as_of: marks.as_of,
    sites: sites.length,
  }
}

export function mySites(all: ReadonlyMap<string, SiteOnList>, areas: readonly string[], allAreas: readonly AreaRow[]): SiteOnList[] {
  const sites = [...all.values()].filter(({ site }) => isActive(site))
  if (areas.length === 0) return sites
  const mine = withDescendants(areas, allAreas)
  return sites.filter(({ site }) => mine.has(site.area) || site.pending)
}

// ---- when is it due ----------------------------------------------------------------------------

/** Asked for every site, and there are few kinds of sites: each kind is thought about once. */
export function periods(checklists: readonly Brief[]): (site: ListedSite) => string {
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

/** Waits for somebody to go there: put right by the owner's word, refused at the last recheck, or the deadline is near. */
export function needsRecheck(hazard: Pick<HazardRow, 'deadline'> & { state: string; recheck_result?: string | null }, day: string): boolean {
  if (hazard.recheck_result === 'fixed' || hazard.state === 'returned' || hazard.state === 'spot_fixed') return false
  if (hazard.state === 'fix_pending' || hazard.state === 'review_failed') return true
  return typeof hazard.deadline === 'string' && hazard.deadline.slice(0, DAY_CHARS) <= lastAhead(day)
}

const DAY_CHARS = 10
let lastAsked = ['', '']
/** Asked for hazards by the thousand, of one day. */
function lastAhead(day: string): string {
  if (lastAsked[0] !== day) lastAsked = [day, addDays(day, RECHECK_AHEAD_DAYS)]
  return lastAsked[1] ?? ''
}

// ---- one line of the list ----------------------------------------------------------------------

interface Context {
  day: string
  fix: ReturnType<typeof currentFix>
  period: (site: ListedSite) => string
  area: (id: string) => string
  due: (input: Omit<DueInput, 'today'>) => Due
  drafts: ReadonlyMap<string, Draft[]>
  returned: ReadonlyMap<string, ReturnedItem[]>
  campaigns: readonly { campaign: Campaign; within: ReadonlySet<string> }[]
}

/** Grouped once: a grid may have thousands of sites and the list is read at every cold start. */
function bySite<Item extends { site: string | null }>(items: readonly Item[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(item.site ?? '')
    if (group) group.push(item)
    else groups.set(item.site ?? '', [item])
  }
  return groups
}

/** Sites by the thousand were seen on few days: each is thought about once. */
function dueOnce(today: string): Context['due'] {
  const known = new Map<string, Due>()
  return (input) => {
    const { grade, last_inspected_on, registered_on, period } = input
    const asked = [grade, period, last_inspected_on ?? `registered ${registered_on}`].join(' ')
    const found = known.get(asked) ?? due({ ...input, today })
    known.set(asked, found)
    return found
  }
}

function areaNamed(areas: ReadonlyMap<string, AreaRow>): Context['area'] {
  const known = new Map<string, string>()
  return (id) => {
    const area = areas.get(id)
    const name = known.get(id) ?? (area ? areaPath(area, areas) : '')
    known.set(id, name)
    return name
  }
}

type Reason = TodayItem['reasons'][number]

function todayItem(known: SiteOnList, context: Context): TodayItem | null {
  const { site, open } = known
  const last = lastVisit(known)
  // when it was registered counts until the first visit
  const registered = last === null ? dayIn(STATION_TIMEZONE, site.registered_at ? new Date(site.registered_at) : now()) : ''
  const when = context.due({ grade: site.grade ?? null, last_inspected_on: last, registered_on: registered, period: context.period(site) })
  const waiting = open.length > 0 ? open.filter((hazard) => needsRecheck(hazard, context.day)) : open
  const draft = context.drafts.get(site.id)?.find(({ type }) => type === 'inspection')
  const reasons = [...returnedReason(site, context), ...recheckReasons(waiting, context.day), ...dueReason(when), ...campaignReasons(known, context), ...changedReason(site, last)]
  if (reasons.length === 0 && !draft) return null
  return {
    site,
    area_name: context.area(site.area),
    reasons: reasons.length > 1 ? reasons.sort((a, b) => PRESSURE[a.code] - PRESSURE[b.code]) : reasons,
    due_on: when.state === 'done' ? null : when.due_on,
    last_on: last,
    open_hazards: open.length,
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

function campaignReasons(known: SiteOnList, { campaigns, day }: Context): Reason[] {
  return campaigns.flatMap(({ campaign, within }): Reason[] => {
    const { name, to, checklist } = campaign
    if (!concerns(campaign, known.site, within) || !stillToVisit(campaign, lastVisit(known, checklist))) return []
    const left = daysBetween(day, to)
    return [{ code: left <= CAMPAIGN_SOON_DAYS ? 'campaign_soon' : 'campaign', words: `${name}，${left === 0 ? '今天最后一天' : `剩 ${left} 天`}`, chip: '专项' }]
  })
}

/** Nobody has been there since: what the file says about the people there is to be asked anew. */
function changedReason({ changed_hands_on: day }: ListedSite, last: string | null): Reason[] {
  return day && day > (last ?? '') ? [{ code: 'changed', words: '换了名称或负责人', chip: '换了人' }] : []
}

function recheckReasons(waiting: readonly OpenHazard[], day: string): Reason[] {
  const late = waiting.filter((hazard) => hazard.deadline && hazard.deadline < day).length
  const reasons: Reason[] = []
  if (late > 0) reasons.push({ code: 'recheck_overdue', words: `${late} 条隐患过了期限，要复查`, chip: `${late} 条过期` })
  if (waiting.length > late) reasons.push({ code: 'recheck_due', words: `${waiting.length - late} 条待复查`, chip: `${waiting.length - late} 条待复查` })
  return reasons
}

function returnedReason(site: ListedSite, { returned }: Context): Reason[] {
  const count = returned.get(site.id)?.length ?? 0
  return count > 0 ? [{ code: 'returned', words: `站长退回 ${count} 份，要补`, chip: `退回 ${count}` }] : []
}

/** What presses most on top, then by day, then by sound as the station spelled it: the browser's own tables of Chinese order cost a slow phone as much as the list. */
function inOrder(items: readonly TodayItem[]): TodayItem[] {
  const keys = items.map((item) => {
    const { site, reasons: [first], due_on } = item
    return { item, key: [first ? PRESSURE[first.code] : 9, due_on ?? '9999', site.initials ?? site.name, site.name].join('\n') }
  })
  return keys.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key))).map(({ item }) => item)
}

// ---- drafts ------------------------------------------------------------------------------------

/** A site that is only being written down has its name in the form. */
function nameOf(draft: Draft, names: (site: string) => string): string {
  const known = draft.site ? names(draft.site) : ''
  const said = draft.type === 'step' && draft.kind === 'site.registered' ? draft.fields['name'] : ''
  return known || (typeof said === 'string' ? said : '')
}

function summaries(drafts: readonly Draft[], names: (site: string) => string, titles: ReadonlyMap<string, string>): DraftSummary[] {
  return drafts.map((draft) => {
    const inspection = draft.type === 'inspection' ? draft : null
    return {
      id: draft.id,
      type: draft.type,
      kind: draft.type === 'step' ? draft.kind : null,
      site: draft.site,
      site_name: nameOf(draft, names),
      checklist: inspection?.checklist ?? null,
      checklist_title: draft.type === 'step' ? kindWords(draft.kind) : (titles.get(draft.checklist) ?? draft.checklist),
      answered: inspection ? Object.values(inspection.answers).filter((answer) => answer.verdict !== 'unanswered').length : 0,
      hazards: inspection?.hazards.length ?? 0,
      updated_at: draft.updated_at,
    }
  })
}

