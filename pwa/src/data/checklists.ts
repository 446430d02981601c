// Checklists on the phone: which there are, which suit a place, and the exact version an inspection is filled with.
// It must not judge answers (rules/evaluate does).

import type { BriefRow } from '../db/cache'
import { briefs, row } from './rows'
import type { ChecklistSummary, ChecklistText, JsonObject } from './types'

/** Forms of activities are published like checklists and are none. */
export const FORM_PREFIX = 'ac-'

export interface Brief {
  row_id: string
  checklist: string
  version: number
  sha256: string
  title: string
  short: string
  place_types: string[]
  frequency: JsonObject
  items: number
}

function read(rows: readonly BriefRow[]): Brief[] {
  return rows.map(({ id, brief }) => ({ ...(brief as unknown as Omit<Brief, 'row_id'>), row_id: id }))
}

async function allBriefs(): Promise<Brief[]> {
  return read(await briefs('checklist'))
}

/** The newest version of each. */
export async function latestBriefs(): Promise<Brief[]> {
  return newest(await briefs('checklist'))
}

/** The newest version of each among these. */
export function newest(rows: readonly BriefRow[]): Brief[] {
  const latest = new Map<string, Brief>()
  for (const brief of read(rows)) {
    const known = latest.get(brief.checklist)
    if (!known || brief.version > known.version) latest.set(brief.checklist, brief)
  }
  return [...latest.values()].sort((a, b) => (a.checklist < b.checklist ? -1 : 1))
}

export function suits(brief: { place_types: readonly string[] }, placeTypes: readonly string[]): boolean {
  return brief.place_types.some((type) => placeTypes.includes(type))
}

/** Those that suit first. */
export async function listChecklists(placeTypes: readonly string[] = []): Promise<ChecklistSummary[]> {
  return chosenFrom(await latestBriefs(), placeTypes)
}

export function chosenFrom(latest: readonly Brief[], placeTypes: readonly string[]): ChecklistSummary[] {
  const all = latest.filter(({ checklist }) => !checklist.startsWith(FORM_PREFIX)).map((brief) => ({ ...summary(brief), suits: suits(brief, placeTypes) }))
  return [...all.filter((one) => one.suits), ...all.filter((one) => !one.suits)]
}

function summary({ checklist, version, sha256, title, short, items }: Brief): Omit<ChecklistSummary, 'suits'> {
  return { id: checklist, version, sha256, title, short, items }
}

/** Without a version the newest; with one exactly that, as long as this phone has it. */
export async function loadChecklist(id: string, version?: number): Promise<ChecklistText | null> {
  const matching = (await allBriefs()).filter((brief) => brief.checklist === id && (version === undefined || brief.version === version))
  const brief = matching.sort((a, b) => b.version - a.version)[0]
  const stored = brief && (await row('checklist', brief.row_id))
  return stored ? { id, version: stored.version, sha256: stored.sha256, content: stored.content } : null
}

export async function checklistTitles(): Promise<Map<string, string>> {
  return titlesOf(await latestBriefs())
}

export function titlesOf(latest: readonly Brief[]): Map<string, string> {
  return new Map(latest.map((brief) => [brief.checklist, brief.short]))
}
