// The tree of areas as lines with a depth, parents before children, in the order of their names. Pure.
// An area whose parent is not in the list, or that lies in a loop, still appears: nothing is hidden.

import type { AreaRow } from '../data/types'

export interface AreaLine {
  area: AreaRow
  depth: number
  /** of the area and everything below it */
  sites: number
}

export function areaTree(areas: readonly AreaRow[]): AreaLine[] {
  const known = new Set(areas.map((area) => area.id))
  const below = new Map<string, AreaRow[]>()
  for (const area of areas) {
    const parent = area.parent && known.has(area.parent) && area.parent !== area.id ? area.parent : ''
    below.set(parent, [...(below.get(parent) ?? []), area])
  }
  const lines: AreaLine[] = []
  const seen = new Set<string>()
  const compare = new Intl.Collator('zh-CN', { numeric: true }).compare
  const walk = (parent: string, depth: number): void => {
    for (const area of [...(below.get(parent) ?? [])].sort((one, other) => compare(one.name, other.name))) {
      if (seen.has(area.id)) continue
      seen.add(area.id)
      const line = { area, depth, sites: area.sites }
      lines.push(line)
      const first = lines.length
      walk(area.id, depth + 1)
      for (const each of lines.slice(first)) line.sites += each.area.sites
    }
  }
  walk('', 0)
  for (const area of areas) if (!seen.has(area.id)) lines.push({ area, depth: 0, sites: area.sites })
  return lines
}

/** 幸福村 第3网格: a grid's name says nothing without its village. */
export function areaPaths(areas: readonly AreaRow[]): Record<string, string> {
  const names = new Map(areas.map((area) => [area.id, area.name]))
  return Object.fromEntries(areas.map((area) => {
    const above = area.level === 'grid' && area.parent ? names.get(area.parent) : undefined
    return [area.id, above ? `${above} ${area.name}` : area.name]
  }))
}
