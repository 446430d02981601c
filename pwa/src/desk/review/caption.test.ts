// The caption says who took this photo, when and where: not who found the hazard.

import { describe, expect, it } from 'vitest'
import type { Entry, Photo } from '../data/types'
import { hazard } from '../rows.fixture'
import { captionOf } from './caption'

const FOUND = '2026-11-18T07:55:00.000Z'
const where = { lat: 36.5, lon: 118.2, accuracy_m: 14, at: FOUND }
const names = { zhou: '周丽', liu: '刘海' }
const photo = (sha256: string, author: string): Photo => ({ sha256, author, role: 'after', subject: 'h1', held: true, condition: 'ok', width: 1, height: 1, received: 1, bytes: 1, at: '', held_at: '' })
const row = hazard('h1', { author: 'zhou', at: FOUND, offset_ms: 0, where, photos: [
  { sha256: 'aaaa', role: 'before', fact: 'f1', at: FOUND, kept_at: '2026-11-18T07:54:40.000Z' }, { sha256: 'bbbb', role: 'after', fact: 'f2', at: '2026-11-22T00:37:17.000Z' },
] })

const around = { site: null, area: '幸福村 第3网格', accounts: names }

describe('a caption', () => {
  it('of a recheck names the one who rechecked, and not the place where it was found', () => {
    const entry = { fact: 'f2', enrolment: 'e', author: 'liu', at: '2026-11-22T00:37:17.000Z', offset_ms: null, where: null, photos: [] } as unknown as Entry
    const told = captionOf(photo('bbbb', 'liu'), row, { ...around, timeline: [entry] })
    expect(told).toEqual(['2026-11-22 08:37:17（手机时间未校对）', '幸福村 第3网格（没有定位）', '刘海', '照片 BBBB'])
    // the fact is not at hand: nothing is said of the clock, and not that there was no position
    expect(captionOf(photo('bbbb', 'liu'), row, around)).toEqual(['2026-11-22 08:37:17', '幸福村 第3网格', '刘海', '照片 BBBB'])
  })

  it('of a photo brought at the desk has the time of the station', () => {
    const entry = { fact: 'f2', enrolment: null, author: 'liu', at: '2026-11-22T00:37:17.000Z', offset_ms: null, where: null, photos: [] } as unknown as Entry
    expect(captionOf(photo('bbbb', 'liu'), row, { ...around, timeline: [entry] })[0]).toBe('2026-11-22 08:37:17（已校时）')
  })

  it('of the finding names finder and place', () => {
    expect(captionOf({ ...photo('aaaa', 'zhou'), role: 'before' }, row, around)).toEqual(['2026-11-18 15:54:40（已校时）', '北纬 36.50000 东经 118.20000 ±14 米（WGS-84）', '周丽', '照片 AAAA'])
  })
})
