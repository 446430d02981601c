// Rows as the station sends them, for tests: everything empty but what a test says.

import { EMPTY_ROWS } from '@/contract/kinds'
import type { AreaRow, HazardRow, InspectionRow, SiteRow } from './data/types'

function row(type: string, id: string, more: object): object {
  return { ...structuredClone(EMPTY_ROWS[type]), id, type, heads: [`${id}-head`], conflicts: [], flags: [], incomplete: false, facts: 1, ...more }
}

export function hazard(id: string, more: Partial<HazardRow> = {}): HazardRow {
  return row('hazard', id, { state: 'submitted', review: 'submitted', work: 'none', level: 'general', finding: '软管过长', ...more }) as HazardRow
}

export function inspection(id: string, more: Partial<InspectionRow> = {}): InspectionRow {
  return row('inspection', id, { state: 'submitted', ...more }) as InspectionRow
}

export function site(id: string, more: Partial<SiteRow> = {}): SiteRow {
  return row('site', id, { state: 'active', name: '老街川味馆', place_types: ['餐饮'], ...more }) as SiteRow
}

export function area(id: string, name: string, parent: string | null, level: AreaRow['level'] = 'village'): AreaRow {
  return row('area', id, { state: 'known', name, parent, level, sites: 0 }) as AreaRow
}
