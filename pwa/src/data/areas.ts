// The tree of areas: their paths as people read them, and what lies below them.
// It must not read anything.

import type { AreaRow } from '../contract/wire'

/** Every area with its path from the village down: 幸福村 · 第3网格. */
export function areaPath(area: AreaRow, byId: ReadonlyMap<string, AreaRow>): string {
  const names: string[] = []
  let current: AreaRow | undefined = area
  while (current && current.level !== 'town' && names.length < 4) {
    names.unshift(current.name)
    current = current.parent ? byId.get(current.parent) : undefined
  }
  return names.length > 0 ? names.join(' · ') : area.name
}

/** The areas given and everything below them. */
export function withDescendants(roots: readonly string[], areas: readonly AreaRow[]): Set<string> {
  const inside = new Set(roots)
  let grew = true
  while (grew) {
    grew = false
    for (const area of areas) {
      if (area.parent && inside.has(area.parent) && !inside.has(area.id)) {
        inside.add(area.id)
        grew = true
      }
    }
  }
  return inside
}
