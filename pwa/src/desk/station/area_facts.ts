// From the form of an area to a fact: what every area.set must name, and of the rest only what was changed. Pure apart from ids.

import { changedFields } from '@/lib/changed'
import { exactFact, type DeskFact } from '../data/decisions'
import type { AreaRow } from '../data/types'

export interface AreaForm {
  name: string
  level: string
  parent: string
  duties: string
  inspector: string
}

/** Empty when nothing was changed. */
export function areaFacts(row: AreaRow | null, id: string, form: AreaForm): DeskFact[] {
  const { parent, duties, inspector } = form
  const named = { name: form.name.trim(), level: form.level }
  const before = { parent: row?.parent ?? '', duties: row?.duties ?? '', inspector: row?.inspector ?? '' }
  const said = changedFields(before, { parent, duties: duties.trim(), inspector })
  if (row && row.name === named.name && row.level === named.level && Object.keys(said).length === 0) return []
  return [exactFact('area.set', { id, heads: row?.heads ?? [] }, { ...named, ...said })]
}
