// Returned work: what the chief sent back, with the words beside the field they belong to, unread until opened.
// It must not judge whether the answer is good; answering is a step (begin.ts).

import type { HazardRow, InspectionRow } from '../contract/wire'
import { withUser } from '../db/access'
import type { FactRecord } from '../db/user'
import { me } from './identity'
import { loaded, type Loaded } from './loaded'
import { cacheMarks, row, rowsOf, uncoveredFacts } from './rows'
import { changed } from './signal'
import type { ReturnedItem } from './types'

const ANSWERS = new Set(['hazard.resubmitted', 'inspection.corrected'])

export function useReturned(): Loaded<ReturnedItem[]> {
  return loaded(['rows', 'facts', 'settings'], () => returnedItems())
}

/** Returned rows of this account; one whose answer still waits on the phone stays listed as answered. */
export async function returnedItems(knownSites?: ReadonlyMap<string, string>): Promise<ReturnedItem[]> {
  const account = (await me())?.account
  const answers = (await uncoveredFacts((await cacheMarks()).covered)).filter((fact) => ANSWERS.has(fact.kind))
  const answered = new Set(answers.map((fact) => fact.subject))
  const rows = [...(await returnedRows('hazard', answers)), ...(await returnedRows('inspection', answers))]
  const sites = knownSites ?? new Map((await rowsOf('site')).map((site) => [site.id, site.name]))
  const accounts = new Map((await rowsOf('account')).map((one) => [one.id, one.name]))
  const mine = rows.filter((row) => row.author === account)
  const items = await Promise.all(mine.map((row) => returnedItem(row, answered.has(row.id), sites, accounts)))
  return items.sort((a, b) => Number(b.unread) - Number(a.unread))
}

/** In the returned state, or taken out of it by an answer that the station does not show yet. */
async function returnedRows(type: 'hazard' | 'inspection', answers: readonly FactRecord[]): Promise<(HazardRow | InspectionRow)[]> {
  const returned: (HazardRow | InspectionRow)[] = await rowsOf(type, { states: ['returned'] })
  const known = new Set(returned.map((one) => one.id))
  const subjects = new Set(answers.filter((fact) => fact.kind.startsWith(`${type}.`)).map((fact) => fact.subject))
  const more = await Promise.all([...subjects].filter((id) => !known.has(id)).map((id) => row(type, id)))
  return [...returned, ...more.filter((one) => one !== null)]
}

async function returnedItem(
  row: HazardRow | InspectionRow, answered: boolean, sites: ReadonlyMap<string, string>, accounts: ReadonlyMap<string, string>,
): Promise<ReturnedItem> {
  const mark = await withUser((db) => db.readMarks.get(row.id))
  const by = 'reviewed_by' in row ? (row.reviewed_by ?? null) : null
  return {
    type: row.type,
    id: row.id,
    site: row.site,
    site_name: sites.get(row.site) ?? '',
    row,
    remarks: row.remarks ?? [],
    by_name: (by && accounts.get(by)) || '站长',
    unread: mark?.heads !== row.heads.join(','),
    answered,
  }
}

export async function markRead(id: string): Promise<void> {
  const item = (await returnedItems()).find((one) => one.id === id)
  if (!item) return
  await withUser((db) => db.readMarks.put({ id, heads: item.row.heads.join(',') }))
  changed('settings')
}
