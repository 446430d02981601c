// From the form of a person to facts: who they are and what they may, each only when it changed. Pure apart from ids.

import { changedFields } from '@/lib/changed'
import type { AccountRow } from '../data/types'
import { exactFact, fact, type DeskFact } from '../data/decisions'

export interface AccountForm {
  id: string
  login: string
  name: string
  /** a new number; the one that stands there is masked and never shown in the field */
  phone: string
  /** takes the number away that stands there, unless a new one is written */
  without_phone: boolean
  certificate_no: string
  staff_type: string
  active: boolean
  roles: string[]
  areas: string[]
}

export function accountForm(row: AccountRow | null, id: string): AccountForm {
  return {
    id: row?.id ?? id, login: row?.login ?? '', name: row?.name ?? '', phone: '', without_phone: false, certificate_no: row?.certificate_no ?? '', staff_type: row?.staff_type ?? '',
    active: row?.active ?? true, roles: [...(row?.roles ?? ['inspector'])], areas: [...(row?.areas ?? [])],
  }
}

type Word = 'login' | 'name' | 'phone' | 'certificate_no' | 'staff_type'
const texts = <Name extends Word>(form: AccountForm, ...names: Name[]): Record<Name, string> => Object.fromEntries(names.map((name) => [name, form[name].trim()])) as Record<Name, string>
const same = (one: readonly string[], other: readonly string[]): boolean => [...one].sort().join() === [...other].sort().join()

/** Only what was changed beside what every account.set must name; what was emptied is said, a masked number by the box beside it. */
export function accountFacts(row: AccountRow | null, form: AccountForm): DeskFact[] {
  const before = accountForm(row, form.id)
  const hidden = changedFields(texts(before, 'phone', 'certificate_no'), texts(form, 'phone', 'certificate_no'))
  if (row?.phone && form.without_phone && !('phone' in hidden)) hidden['phone'] = null
  const open = changedFields(texts(before, 'staff_type'), texts(form, 'staff_type'))
  const named = { ...texts(form, 'login', 'name'), active: form.active }
  const changed = { ...changedFields({ ...texts(before, 'login', 'name'), active: before.active }, named), ...open, ...hidden }
  const about = { id: form.id, heads: row?.heads ?? [] }
  const made: DeskFact[] = []
  if (!row || Object.keys(changed).length > 0) {
    const { name, login, active } = named
    made.push(exactFact('account.set', about, { login, active, ...open }, { name, ...hidden }))
  }
  if (!row || !same(form.roles, before.roles) || !same(form.areas, before.areas)) {
    const known = made[0] ? { id: form.id, heads: [made[0].id] } : about
    made.push(fact('grant.set', known, { roles: form.roles, areas: form.areas }))
  }
  return made
}
