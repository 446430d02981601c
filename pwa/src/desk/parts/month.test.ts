// The small calendar's months.

import { describe, expect, it } from 'vitest'
import { monthAfter, weeksOf } from './month'

describe('the small calendar', () => {
  it('November 2026 starts on a Sunday and has thirty days', () => {
    const weeks = weeksOf('2026-11')
    expect(weeks[0]).toEqual([null, null, null, null, null, null, '2026-11-01'])
    expect(weeks.flat().filter(Boolean)).toHaveLength(30)
    expect(weeks.at(-1)?.[0]).toBe('2026-11-30')
  })

  it('goes over the end of the year both ways', () => {
    expect(monthAfter('2026-12', 1)).toBe('2027-01')
    expect(monthAfter('2026-01', -1)).toBe('2025-12')
  })
})
