// What the review page tells of a submission: marks in the queue, answers, histories, places, clocks.

import { describe, expect, it } from 'vitest'
import type { Entry } from '../data/types'
import { areaPaths, areaTree } from '../parts/area_tree'
import { navFor } from '../parts/nav'
import { sketch } from '../parts/sketch'
import { happening } from '../parts/timeline'
import { area, hazard } from '../rows.fixture'
import { clockWords, dayWords, instantWords, metresBetween } from '../saying'
import { waitWords } from '../station/waiting'
import { offered } from '../hazards/actions'
import { answerLines, valueWords } from './answers'
import { marksOf } from './marks'

const entry: Entry = {
  fact: 'f1', sha256: 'x', i: 1, kind: 'hazard.found', author: 'wang', at: '2026-11-21T02:43:00.000Z', offset_ms: 3 * 3_600_000, received_at: '2026-11-21T02:58:00.000Z',
  verdict: 'admitted', admitted: true, batch: 'b', enrolment: 'e', where: null, body: { finding: 'x' }, photos: [], redacted: false,
}

describe('a submission in the queue', () => {
  it('says the level first, then how many hazards, then each doubt once', () => {
    const marks = marksOf({
      hazards: [hazard('h1'), hazard('h2', { level: 'suspected_major' })],
      doubts: [{ code: 'clock', text: '手机时间快 3 小时' }, { code: 'same_hazard', text: '可能和 BH-2026-0012 是同一条' }, { code: 'same_hazard', text: '可能和 BH-2026-0013 是同一条' }],
    })
    expect(marks.map((mark) => mark.text)).toEqual(['疑似重大', '隐患 2', '手机时间快 3 小时', '可能和 BH-2026-0012 是同一条'])
    expect(marksOf({ hazards: [], doubts: [] })).toEqual([{ tone: 'pass', text: '全部合格' }])
  })
})

describe('answers', () => {
  it('failed ones come first, with what was measured and how', () => {
    const content = { id: 'c', version: 1, title: 't', items: [{ id: 'A-1', text: '不漏气' }, { id: 'A-2', text: '软管长', answer: { type: 'number', unit_label: '米' } }] }
    const lines = answerLines([{ item: 'A-1', value: 'pass', verdict: 'pass', source: 'rest_pass' }, { item: 'A-2', value: 2.3, verdict: 'fail', source: 'measured' }], content)
    expect(lines.map((line) => [line.item, line.value, line.how])).toEqual([['A-2', '2.3 米', '实测'], ['A-1', '', '其余全部合格']])
  })

  it('a value is said the way people say it', () => {
    expect(valueWords('2024-09', '')).toBe('2024年9月')
    expect(valueWords({ value: 'fail', blanks: { kind: '桶', count: 5 } }, '')).toBe('桶、5')
    expect(valueWords('unknown', '')).toBe('说不清')
  })
})

describe('histories', () => {
  it('a wrong clock is told and judged by nobody', () => {
    expect(happening(entry)).toMatchObject({ what: '在手机上记下', clock: '手机时间快 3 小时', clockRight: false, byDesk: false })
    expect(clockWords(null)).toBe('没对上时')
  })

  it('what the chief said is told with the field it was said of', () => {
    const told = happening({ ...entry, kind: 'hazard.returned', enrolment: null, body: { remarks: [{ field: 'photos', text: '看不清' }] } })
    expect(told).toMatchObject({ what: '退回，要补', lines: ['照片：看不清'], clock: '', byDesk: true })
  })

  it('a quarantined record is said to be one', () => {
    expect(happening({ ...entry, admitted: false }).what).toContain('隔离区')
  })
})

describe('what a hazard page offers', () => {
  it('only what the station allows, the next step first and filled', () => {
    const row = hazard('h1', { review: 'confirmed', work: 'recheck_fixed', state: 'fix_pending' })
    const told = offered(row, ['hazard.closed', 'hazard.noted'])
    expect(told.map((each) => [each.action, each.kind])).toEqual([['close', 'main'], ['note', 'quiet']])
    expect(offered(row, [])).toEqual([])
  })
})

describe('places, days and people', () => {
  it('the drawing knows how far the phone stood from the site', () => {
    const here = { lat: 36.5, lon: 118.2 }
    const drawn = sketch(here, { lat: 36.501, lon: 118.2, accuracy_m: 12 })
    expect(metresBetween(here, { lat: 36.501, lon: 118.2 })).toBeCloseTo(111.2, 0)
    expect(drawn.metres).toBeCloseTo(111.2, 0)
    expect(drawn.phone.y).toBeLessThan(drawn.site!.y)
    expect(sketch(null, { lat: 36.5, lon: 118.2, accuracy_m: 9_000 }).metres).toBeNull()
  })

  it('a day names its year only when it is another one', () => {
    expect(dayWords('2026-11-24', '2026-11-21')).toBe('11月24日')
    expect(dayWords('2025-01-02', '2026-11-21')).toBe('2025年1月2日')
    expect(instantWords('2026-11-20T23:30:00Z', 'Asia/Shanghai', '2026-11-21')).toBe('11月21日 07:30')
  })

  it('villages stand above their grids, and an area in a loop is still shown', () => {
    const lines = areaTree([area('g', '第1网格', 'v', 'grid'), area('v', '幸福村', 't'), area('t', '北河镇', null, 'town'), area('x', '甲', 'y'), area('y', '乙', 'x')])
    expect(lines.map((line) => [line.area.id, line.depth])).toEqual([['t', 0], ['v', 1], ['g', 2], ['x', 0], ['y', 0]])
    expect(areaPaths([area('g', '第1网格', 'v', 'grid'), area('v', '幸福村', null)])['g']).toBe('幸福村 第1网格')
  })

  it('the menu shows nobody a page that would turn them away', () => {
    expect(navFor(['inspector']).map((each) => each.label)).toEqual(['审核', '隐患台账', '场所', '区域和网格', '检查表', '活动'])
    expect(navFor(['admin']).map((each) => each.label)).toContain('导入')
    expect(navFor(['chief']).map((each) => each.label)).not.toContain('导入')
  })

  it('the wait after wrong passwords is counted down in words', () => {
    expect([waitWords(0.4), waitWords(59), waitWords(60), waitWords(61.5), waitWords(1799)]).toEqual(['1 秒', '59 秒', '1 分钟', '1 分 2 秒', '30 分钟'])
  })
})
