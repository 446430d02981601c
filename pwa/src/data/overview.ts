// What lists are made of, read together and kept until rows or facts change: every letter typed and every tab would otherwise read it again.
// It must not decide what is shown.

import type { AccountRow, AreaRow, HazardRow, InspectionRow } from '../contract/wire'
import type { FactRecord } from '../db/user'
import { spaceHere } from '../db/space'
import { newest, type Brief } from './checklists'
import { rowsRound, rowsTogether, uncoveredFacts, type CacheMarks, type RowOf } from './rows'
import { SITE, sitesSeen, stampOf, type SiteOnList } from './site_briefs'

export interface Overview {
  marks: CacheMarks
  /** own facts that no row shows yet */
  facts: FactRecord[]
  sites: ReadonlyMap<string, SiteOnList>
  areas: AreaRow[]
  checklists: Brief[]
  settings: RowOf<'setting'>[]
  accounts: AccountRow[]
  /** in the returned state */
  returned: (HazardRow | InspectionRow)[]
}

let kept: { of: string; overview: Promise<Overview> } | null = null

export function overview(): Promise<Overview> {
  const of = `${rowsRound()} ${spaceHere()}`
  if (kept?.of === of) return kept.overview
  const reading = { of, overview: read() }
  kept = reading
  // a failed read is not remembered
  reading.overview.catch(() => { if (kept === reading) kept = null })
  return reading.overview
}

/** The number of reads does not depend on how many sites there are; every one is a way to the disk at a cold start. */
async function read(): Promise<Overview> {
  const states = ['returned']
  const wanted = [{ type: 'area' }, { type: 'account' }, { type: 'setting' }, { type: 'hazard', states }, { type: 'inspection', states }] as const
  const { marks, rows, briefs } = await rowsTogether(wanted, [SITE, 'checklist'])
  const [areas, accounts, settings, hazards, inspections] = rows
  const [stored = [], lists = []] = briefs
  const made = marks.briefed === stampOf(marks) ? stored : await (await import('./site_brief_maker')).madeBriefs()
  const facts = await uncoveredFacts(marks.covered)
  return { marks, facts, sites: await sitesSeen(made, facts, marks.store), areas, checklists: newest(lists), settings, accounts, returned: [...hazards, ...inspections] }
}
