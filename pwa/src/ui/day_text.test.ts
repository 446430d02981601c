// One reading of days for phone and desk: what is no day is not turned into another one, and both say why in the same words.

import { describe, expect, it } from 'vitest'
import { DAY_EXAMPLE_WORDS, dayTrouble, outside, partsOf, readDay } from './day_text'

const TODAY = '2026-11-21'

describe('a typed day', () => {
  it.each([
    ['2026-11-22', '2026-11-22'], ['20261122', '2026-11-22'], ['2026/1/5', '2026-01-05'], ['2026年11月22日', '2026-11-22'],
    ['２０２６－１１－２２', '2026-11-22'], ['11-22', '2026-11-22'], ['1月5日', '2026-01-05'], [' 2026.11.22 ', '2026-11-22'], ['2026 年 1 月 5 日', '2026-01-05'],
    ['2026。11。22', '2026-11-22'], ['2028-2-29', '2028-02-29'],
  ])('%s is %s', (typed, day) => {
    expect(readDay(typed, TODAY)).toEqual({ day, trouble: '' })
  })

  it.each(['明天', '22', '2026-11', '', '2026-11-22 10:00', '2026-11/'])('%s cannot be read, and is shown how', (typed) => {
    expect(readDay(typed, TODAY)).toEqual({ day: null, trouble: DAY_EXAMPLE_WORDS })
  })

  it.each(['2026-02-30', '2026-13-01', '2月29日', '2026-11-0', '0-5'])('there is no %s', (typed) => {
    expect(readDay(typed, TODAY)).toEqual({ day: null, trouble: '没有这一天' })
  })
})

describe('limits', () => {
  it.each([['2026-11-20', '不能早于2026年11月21日'], ['2026-12-02', '不能晚于2026年12月1日'], ['2026-11-21', ''], ['2026-12-01', '']])('%s between 21 November and 1 December: %s', (day, words) => {
    expect(readDay(day, TODAY, '2026-11-21', '2026-12-01').trouble).toBe(words)
    expect(dayTrouble(partsOf(day), '2026-11-21', '2026-12-01')).toBe(words)
  })

  it('either end may be open', () => {
    expect([outside('2026-11-20', TODAY, undefined), outside('2026-11-22', undefined, TODAY), outside('1999-01-01', undefined, undefined)]).toEqual(['early', 'late', null])
  })
})
