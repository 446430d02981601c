// Which facts of a site's file its checklists ask about. It must not know any checklist, nor what the facts mean.

import { SITE_FIELDS, type SiteField } from '@/contract/site_fields'
import type { Checklist } from '@/rules/types'

/** Only what the checklists of this site name; nobody fills in a form of twenty fields. */
export function fieldsAsked(checklists: readonly Checklist[]): SiteField[] {
  const conditions = checklists.flatMap((list) => list.items.flatMap((item) => [
    item.applies_if, item.na_if, item.level_if, item.answer.max_from, ...(item.notices ?? []).map((notice) => notice.if),
  ]))
  const named = new Set([...conditions.join(' ').matchAll(/site\.([a-z_]+)/g)].map((found) => found[1]))
  return SITE_FIELDS.filter((each) => named.has(each.name))
}
