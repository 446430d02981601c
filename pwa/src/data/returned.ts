// Returned work: what the chief sent back, with the words beside the field they belong to, unread until opened.
// It must not judge whether the answer is good; answering is a step (begin.ts).

import type { AccountRow, HazardRow, InspectionRow } from '../contract/wire'
import { readUser, withUser } from '../db/access'
import type { FactRecord, ReadMarkRecord } from '../db/user'
import { me } from './identity'
import { loaded, type Loaded } from './loaded'
import { overview } from './overview'
import { row, uncoveredFacts } from './rows'
import { changed } from './signal'
import type { ReturnedItem } from './types'

const ANSWERS = new Set(['hazard.resubmitted', 'inspection.corrected'])

export function useReturned(): Loaded<ReturnedItem[]> {
  return loaded(['rows', 'facts', 'settings'], () => returnedItems())
}

/** What the list of returned work is made of. */
interface Returned {
  account: string | undefined
  /** hazards and inspections in the returned state */
  rows: readonly (HazardRow | InspectionRow)[]
  names: (site: string) => string
  accounts: readonly AccountRow[]
  covered: number
}

async function returnedItems(): Promise<ReturnedItem[]> {
  const { marks, returned, sites, accounts } = await overview()
  return returnedFrom({ account: (await me())?.account, rows: returned, names: (site) => sites.get(site)?.site.name ?? '', accounts, covered: marks.covered })
}

/** Returned rows of this account; one whose answer still waits on the phone stays listed as answered. */
export async function returnedFrom({ account, rows, names, accounts, covered }: Returned): Promise<ReturnedItem[]> {
  const answers = (await uncoveredFacts(covered)).filter((fact) => ANSWERS.has(fact.kind))
  const all = [...rows, ...(await answeredRows(rows, answers))].filter((row) => row.author === account)
  if (all.length === 0) return []
  const marks = await readUser(['readMarks'], (from) => from.many<ReadMarkRecord>('readMarks', all.map((row) => row.id)))
  const answered = new Set(answers.map((fact) => fact.subject))
  const people = new Map(accounts.map((one) => [one.id, one.name]))
  const items = all.map((row, place) => returnedItem(row, answered.has(row.id), marks[place], { site: names, account: people }))
  return items.sort((a, b) => Number(b.unread) - Number(a.unread))
}

/** Taken out of the returned state by an answer that the station does not show yet. */
async function answeredRows(known: Returned['rows'], answers: readonly FactRecord[]): Promise<(HazardRow | InspectionRow)[]> {
  const ids = new Set(known.map((one) => one.id))
  const wanted = new Map(answers.filter((fact) => !ids.has(fact.subject)).map((fact) => [fact.subject, fact.kind.startsWith('hazard.') ? 'hazard' : 'inspection'] as const))
  const more = await Promise.all([...wanted].map(([id, type]) => row(type, id)))
  return more.filter((one) => one !== null)
}

function returnedItem(
  row: HazardRow | InspectionRow, answered: boolean, mark: ReadMarkRecord | undefined, names: { site: (site: string) => string; account: ReadonlyMap<string, string | null | undefined> },
): ReturnedItem {
  const by = 'reviewed_by' in row ? (row.reviewed_by ?? null) : null
  return {
    type: row.type,
    id: row.id,
    site: row.site,
    site_name: names.site(row.site),
    row,
    remarks: row.remarks ?? [],
    by_name: (by && names.account.get(by)) || '站长',
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
