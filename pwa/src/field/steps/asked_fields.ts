// Which facts of a site's file are asked for: those its checklists name, and those declared to be about its kind of place.
// It must not know any checklist, nor what the facts mean.

import { SITE_FIELDS, type SiteField } from '@/contract/site_fields'
import type { Checklist } from '@/rules/types'

/** Nobody fills in a form of thirty fields. */
export function fieldsAsked(checklists: readonly Checklist[], placeTypes: readonly string[] = []): SiteField[] {
  const conditions = checklists.flatMap((list) => list.items.flatMap((item) => [
    item.applies_if, item.na_if, item.level_if, item.answer.max_from, ...(item.notices ?? []).map((notice) => notice.if),
  ]))
  const named = new Set([...conditions.join(' ').matchAll(/site\.([a-z_]+)/g)].map((found) => found[1]))
  return SITE_FIELDS.filter((each) => named.has(each.name) || each.about?.some((word) => placeTypes.some((kind) => kind.includes(word))))
}
