// What one press makes when the chief takes one of two values: which kind of fact the field and the record ask for.
// On a confirmed hazard an amendment cannot relax what was settled; there it takes an order or a confirmation. Pure.

import type { RowConflict } from '@/contract/wire'
import { PRIVATE_FIELDS, confirmGeneral, confirmMajor, fiveOf, openOfFive } from './deciding_facts'
import type { HazardRow, InspectionRow, SiteRow } from './data/types'
import { exactFact, fact, type DeskFact } from './data/decisions'

export type Row = HazardRow | SiteRow | InspectionRow
export type FieldConflict = Pick<RowConflict, 'field' | 'kept'>
/** Facts; or the form it takes first; or why this side cannot be taken any more. */
export type Settled = { facts: DeskFact[] } | { form: 'major' | 'order' | 'phone' } | { no: string }

export const PHONE_FIELDS = ['owner_phone', 'fix_owner_phone', 'on_site_phone']
const OF_ORDER = ['by_deadline', 'stop_use', 'stop_business', 'hand_over']
const IN_THE_FIELD = ['on_spot', 'by_deadline']
const ALWAYS = '' // no day is before every day: a deadline is taken over as it stands, also one that has passed

export function settle(row: Row, conflict: FieldConflict, value: unknown): Settled {
  const field = conflict.field ?? ''
  if (PHONE_FIELDS.includes(field)) return { form: 'phone' }
  if (row.type === 'site') return { facts: [changed('site.amended', row, field, value)] }
  if (row.type === 'inspection') return settleInspection(row as InspectionRow, field, value)
  return settleHazard(row as HazardRow, conflict, field, value)
}

/** A telephone number is masked on every page, so the right one is written anew. */
export function settlePhone(row: Row, field: string, number: string): DeskFact[] {
  const kind = row.type === 'site' ? 'site.amended' : row.type === 'inspection' ? 'inspection.corrected' : 'hazard.amended'
  return [changed(kind, row, field, number.trim() || null)]
}

function settleInspection(row: InspectionRow, field: string, value: unknown): Settled {
  if (field.startsWith('answers.')) return { facts: [fact('inspection.corrected', row, { answers: [value] })] }
  const known = ['remark', 'attendance', 'on_site_name', 'on_site_post'].includes(field)
  return known ? { facts: [changed('inspection.corrected', row, field, value)] } : { no: '这一处要在手机上补正' }
}

function settleHazard(row: HazardRow, conflict: FieldConflict, field: string, value: unknown): Settled {
  const kept = JSON.stringify(conflict.kept ?? null) === JSON.stringify(value ?? null)
  if (field === 'level') return settleLevel(row, value)
  if (field === 'fund_wan' || field === 'contingency') return asMajor(row, { [field]: value })
  if (field === 'document_no') return ordered(row, { document_no: value })
  if (field === 'deadline') return settleDeadline(row, value, kept)
  if (field === 'disposition') return settleDisposition(row, value, kept)
  return { facts: [changed('hazard.amended', row, field, value)] }
}

function settleLevel(row: HazardRow, value: unknown): Settled {
  return value === 'general' ? { facts: confirmGeneral(row) } : asMajor(row, {})
}

/** The five stand there already where a chief confirmed it as major before; else they are asked for. */
function asMajor(row: HazardRow, said: Partial<Record<'fund_wan' | 'contingency', unknown>>): Settled {
  const five = { ...fiveOf(row, ALWAYS), ...Object.fromEntries(Object.entries(said).map(([name, value]) => [name, value === null ? '' : String(value as string | number)])) }
  return row.confirmed_by && openOfFive(five).length === 0 ? { facts: confirmMajor(row, five) } : { form: 'major' }
}

function settleDeadline(row: HazardRow, value: unknown, kept: boolean): Settled {
  const judged = Boolean(row.ordered_on) || row.level === 'major' || Boolean(row.rechecked_on)
  // the stricter day is no relaxing, so it needs no new order, which would set the work back
  if (kept || !judged) return { facts: [changed('hazard.amended', row, 'deadline', value)] }
  return value ? { facts: [fact('hazard.ordered', row, { deadline: value })] } : { form: 'order' }
}

function settleDisposition(row: HazardRow, value: unknown, kept: boolean): Settled {
  if ((kept || !row.ordered_on) && IN_THE_FIELD.includes(String(value))) return { facts: [changed('hazard.amended', row, 'disposition', value)] }
  return OF_ORDER.includes(String(value)) ? ordered(row, { disposition: value }) : { no: '已经责令整改，不能改回当场整改' }
}

function ordered(row: HazardRow, said: Record<string, unknown>): Settled {
  return row.deadline ? { facts: [exactFact('hazard.ordered', row, { deadline: row.deadline, ...said })] } : { form: 'order' }
}

function changed(kind: string, row: { id: string; heads?: string[] }, field: string, value: unknown): DeskFact {
  const [name = '', key] = field.split(/\.(.*)/)
  const said = { [name]: key ? { [key]: value } : value }
  return PRIVATE_FIELDS.includes(name) ? exactFact(kind, row, {}, said) : exactFact(kind, row, said)
}
