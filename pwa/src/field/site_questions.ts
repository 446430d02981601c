// What a new site is asked beside its kind: yes or no where one tap spares several items of the checklist that is used there.
// Pure. Nothing is assumed: what she leaves open stays unknown, and the checklist asks as before.

import { SITE_FIELDS, type SiteField } from '@/contract/site_fields'

/** fewer items than this are as quickly answered in the checklist */
const ITEMS_MIN = 2

interface Conditional {
  applies_if?: string
  na_if?: string
}

export function questionsOf(items: readonly Conditional[]): SiteField[] {
  const asks = (field: SiteField, { applies_if, na_if }: Conditional): boolean => new RegExp(`\\bsite\\.${field.name}\\b`).test(`${applies_if ?? ''} ${na_if ?? ''}`)
  return SITE_FIELDS.filter((field) => field.type === 'bool' && items.filter((item) => asks(field, item)).length >= ITEMS_MIN)
}
