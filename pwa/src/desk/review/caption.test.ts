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
  { sha256: 'aaaa', role: 'before', fact: 'f1', at: FOUND }, { sha256: 'bbbb', role: 'after', fact: 'f2', at: '2026-11-22T00:37:17.000Z' },
] })

describe('a caption', () => {
  it('of a recheck names the one who rechecked, and not the place where it was found', () => {
    const entry = { fact: 'f2', author: 'liu', at: '2026-11-22T00:37:17.000Z', offset_ms: null, where: null, photos: [] } as unknown as Entry
    for (const told of [captionOf(photo('bbbb', 'liu'), row, null, names, [entry]), captionOf(photo('bbbb', 'liu'), row, null, names)]) {
      expect(told).toEqual(['2026-11-22 08:37:17', '刘海 · #BBBB'])
    }
  })

  it('of the finding names finder and place', () => {
    expect(captionOf(photo('aaaa', 'zhou'), row, null, names)).toEqual(['2026-11-18 15:55:00（已校时）', '周丽 · #AAAA · 北纬 36.50000 东经 118.20000 ±14 米'])
  })
})
