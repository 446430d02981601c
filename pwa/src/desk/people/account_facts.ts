// From the form of a person to facts: who they are and what they may, each only when it changed. Pure apart from ids.

import type { AccountRow } from '../data/types'
import { exactFact, fact, type DeskFact } from '../data/decisions'

export interface AccountForm {
  id: string
  login: string
  name: string
  phone: string
  certificate_no: string
  staff_type: string
  active: boolean
  roles: string[]
  areas: string[]
}

export function accountForm(row: AccountRow | null, id: string): AccountForm {
  return {
    id: row?.id ?? id, login: row?.login ?? '', name: row?.name ?? '', phone: '', certificate_no: row?.certificate_no ?? '', staff_type: row?.staff_type ?? '',
    active: row?.active ?? true, roles: [...(row?.roles ?? ['inspector'])], areas: [...(row?.areas ?? [])],
  }
}

const same = (one: readonly string[], other: readonly string[]): boolean => [...one].sort().join() === [...other].sort().join()

/** What is not said keeps its value; what was emptied on purpose is cleared. */
function given(name: string, value: string, before: string): Record<string, string | null> {
  if (value.trim()) return { [name]: value.trim() }
  return before ? { [name]: null } : {}
}

/** A masked number stays as it is unless a new one is typed: what is not said in a fact keeps its value. */
export function accountFacts(row: AccountRow | null, form: AccountForm): DeskFact[] {
  const before = accountForm(row, form.id)
  const said: (keyof AccountForm)[] = ['login', 'name', 'phone', 'certificate_no', 'staff_type', 'active']
  const about = { id: form.id, heads: row?.heads ?? [] }
  const made: DeskFact[] = []
  if (!row || said.some((name) => form[name] !== before[name])) {
    const body = { login: form.login.trim(), active: form.active, ...given('staff_type', form.staff_type, before.staff_type) }
    const hidden = { name: form.name.trim(), ...given('phone', form.phone, ''), ...given('certificate_no', form.certificate_no, before.certificate_no) }
    made.push(exactFact('account.set', about, body, hidden))
  }
  if (!row || !same(form.roles, before.roles) || !same(form.areas, before.areas)) {
    const known = made[0] ? { id: form.id, heads: [made[0].id] } : about
    made.push(fact('grant.set', known, { roles: form.roles, areas: form.areas }))
  }
  return made
}
