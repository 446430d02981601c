// The phone's view of its own unsent facts: each is laid over the station's row, marked pending, nothing is resolved.
// It must not fold: conflicts, guards and concurrency are the station's.

import type { Row, FactLine, JsonObject, RowPhoto } from '../contract/wire'

/** A fact with its private fields merged into the body. */
export type OwnFact = FactLine

const STATE_AFTER: { [kind: string]: string } = {
  'site.registered': 'active', 'inspection.submitted': 'submitted', 'inspection.corrected': 'submitted', 'hazard.found': 'submitted',
  'hazard.resubmitted': 'submitted', 'hazard.spot_fixed': 'spot_fixed', 'hazard.fix_reported': 'fix_pending',
}

export function overlay(row: Row | null, facts: readonly OwnFact[]): Row | null {
  let current = row as unknown as JsonObject | null
  for (const fact of facts) current = laid(current, fact)
  return current as unknown as Row | null
}

function laid(row: JsonObject | null, fact: OwnFact): JsonObject {
  const type = fact.kind.split('.')[0] ?? ''
  const base: JsonObject = row ?? { id: fact.subject, type, heads: [], conflicts: [], flags: [], incomplete: false, facts: 0, photos: [], author: fact.author, at: fact.at }
  const photos = [...((base.photos as unknown as RowPhoto[]) ?? []), ...fact.photos.map(({ sha256, role }) => ({ sha256, role, fact: fact.id, at: fact.at }))]
  const next = { ...base, ...fact.body, photos: photos as unknown as JsonObject[], pending: true, heads: [fact.id] }
  const state = STATE_AFTER[fact.kind]
  return state ? { ...next, state } : next
}
