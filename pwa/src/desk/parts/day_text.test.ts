// A day typed the way people type days is understood; what is no day is not turned into another one.

import { describe, expect, it } from 'vitest'
import { monthAfter, readDay, weeksOf } from './day_text'

const TODAY = '2026-11-21'

describe('a typed day', () => {
  it.each([
    ['2026-11-22', '2026-11-22'], ['20261122', '2026-11-22'], ['2026/1/5', '2026-01-05'], ['2026年11月22日', '2026-11-22'],
    ['２０２６－１１－２２', '2026-11-22'], ['11-22', '2026-11-22'], ['1月5日', '2026-01-05'], [' 2026.11.22 ', '2026-11-22'],
  ])('%s is %s', (typed, day) => {
    expect(readDay(typed, TODAY)).toBe(day)
  })

  it.each(['2026-02-30', '2026-13-01', '明天', '22', '2026-11', ''])('%s is no day', (typed) => {
    expect(readDay(typed, TODAY)).toBeNull()
  })
})

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
