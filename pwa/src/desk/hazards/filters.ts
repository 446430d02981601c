// The ledger's filter: what the address bar holds, what the station is asked, what an export takes. Pure.
// The address is the filter's only memory: a link to a filtered ledger shows the same to everybody.

import type { LocationQuery } from 'vue-router'
import type { Query } from '../data/client'
import { HAZARD_STATE, LEVEL } from '../words'

export interface LedgerFilter {
  state: string[]
  level: string[]
  area: string
  category: string
  from: string
  to: string
  overdue: boolean
  conflicts: boolean
  q: string
  sort: 'newest' | 'deadline'
  page: number
}

export const LEDGER_ROWS = 50
const PAGE_MAX = 2_000
const DAY = /^\d{4}-\d{2}-\d{2}$/

export const NO_FILTER: LedgerFilter = {
  state: [], level: [], area: '', category: '', from: '', to: '', overdue: false, conflicts: false, q: '', sort: 'newest', page: 1,
}

function text(value: LocationQuery[string] | undefined): string {
  return typeof value === 'string' ? value : ''
}

function words(value: string, known: Readonly<Record<string, string>>): string[] {
  return [...new Set(value.split(',').filter((each) => each in known))]
}

export function filterOf(query: LocationQuery): LedgerFilter {
  const page = Number(text(query['page']))
  return {
    state: words(text(query['state']), HAZARD_STATE),
    level: words(text(query['level']), LEVEL),
    area: text(query['area']),
    category: text(query['category']),
    from: DAY.test(text(query['from'])) ? text(query['from']) : '',
    to: DAY.test(text(query['to'])) ? text(query['to']) : '',
    overdue: text(query['overdue']) === '1',
    conflicts: text(query['conflicts']) === '1',
    q: text(query['q']),
    sort: text(query['sort']) === 'deadline' ? 'deadline' : 'newest',
    page: Number.isInteger(page) && page >= 1 && page <= PAGE_MAX ? page : 1,
  }
}

/** The address of a filter; what says nothing is left out. */
export function addressOf(filter: LedgerFilter): Record<string, string> {
  const parts: [string, string][] = [
    ['state', filter.state.join(',')], ['level', filter.level.join(',')], ['area', filter.area], ['category', filter.category],
    ['from', filter.from], ['to', filter.to], ['overdue', filter.overdue ? '1' : ''], ['conflicts', filter.conflicts ? '1' : ''],
    ['q', filter.q.trim()], ['sort', filter.sort === 'newest' ? '' : filter.sort], ['page', filter.page === 1 ? '' : String(filter.page)],
  ]
  return Object.fromEntries(parts.filter(([, value]) => value !== ''))
}

/** What the station is asked for. */
export function askOf(filter: LedgerFilter): Query {
  const { page, sort, ...narrowing } = filter
  return { ...narrowing, q: filter.q.trim(), sort, page, size: LEDGER_ROWS }
}

/** The same filter for an export, which knows neither pages nor order. */
export function exportOf(filter: LedgerFilter): Record<string, unknown> {
  const paging = ['page', 'sort']
  return Object.fromEntries(Object.entries(filter).filter(([name, value]) => !paging.includes(name) && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0)))
}

export function isNarrow(filter: LedgerFilter): boolean {
  return Object.keys(exportOf(filter)).length > 0
}
