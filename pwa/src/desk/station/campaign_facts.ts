// From the form of a campaign to a fact: one station setting each, so that two people who change different campaigns never meet.
// Pure apart from ids.

import { CAMPAIGN, campaignOf, type Campaign } from '@/rules/campaigns'
import { fact, type DeskFact } from '../data/decisions'
import type { ChecklistBrief, SettingRow } from '../data/types'

export interface CampaignForm {
  name: string
  from: string
  to: string
  /** the checklist whose kinds of places it is about; '' for all places */
  about: string
  /** only a visit with that checklist counts */
  only: boolean
  /** '' for the whole station */
  area: string
}

export interface CampaignLine {
  campaign: Campaign
  row: SettingRow
}

/** All that stand, the one that begins last on top. */
export function campaignLines(settings: readonly SettingRow[]): CampaignLine[] {
  const lines = settings.map((row) => ({ row, campaign: campaignOf(row) })).filter((line): line is CampaignLine => line.campaign !== null)
  return lines.sort((a, b) => (a.campaign.from < b.campaign.from ? 1 : -1))
}

export function campaignForm(campaign: Campaign | null, lists: readonly ChecklistBrief[]): CampaignForm {
  if (!campaign) return { name: '', from: '', to: '', about: '', only: false, area: '' }
  const { name, from, to, areas, checklist } = campaign
  return { name, from, to, about: checklist ?? aboutOf(campaign, lists)?.id ?? '', only: checklist !== null, area: areas[0] ?? '' }
}

export function aboutOf({ place_types: kinds, checklist }: Campaign, lists: readonly ChecklistBrief[]): ChecklistBrief | undefined {
  if (checklist) return lists.find(({ id }) => id === checklist)
  return kinds.length > 0 ? lists.find((list) => list.place_types.join('\n') === kinds.join('\n')) : undefined
}

/** What is lacking, or ''. */
export function lackingOf({ name, from, to }: CampaignForm): string {
  if (!name.trim()) return '写上专项的名称。'
  if (!from || !to) return '写上从哪天到哪天。'
  return from <= to ? '' : '结束的日子在开始的前面。'
}

export function campaignFact(line: CampaignLine | null, id: string, form: CampaignForm, lists: readonly ChecklistBrief[]): DeskFact {
  const list = lists.find((each) => each.id === form.about)
  const value = {
    name: form.name.trim(), from: form.from, to: form.to,
    ...(list && { place_types: list.place_types }),
    ...(list && form.only && { checklist: list.id }),
    ...(form.area && { areas: [form.area] }),
  }
  const about = line ? { id: line.row.id, heads: line.row.heads } : { id, heads: [] }
  return fact('setting.set', about, { name: line?.row.name ?? `${CAMPAIGN}${id}`, value })
}

/** It stays in the history and is on no list any more. */
export function takenBack({ row }: CampaignLine): DeskFact {
  const made = fact('setting.set', row, { name: row.name })
  return { ...made, body: { ...made.body, value: null } }
}
