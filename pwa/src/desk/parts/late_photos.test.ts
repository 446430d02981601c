// Only a photo nobody has had for longer than a week may be given up, by the station's own clock.

import { expect, it } from 'vitest'
import type { Entry, Photo } from '../data/types'
import { latePhotos } from './late_photos'

const NOW = new Date('2026-11-22T02:00:00.000Z')
const photo = { sha256: 'aa', subject: 'h1', held: false, role: 'before', at: '2026-01-01T00:00:00.000Z' } as Photo
const owner = { id: 'h1', heads: ['x'], photos: [{ sha256: 'aa', lost: null as string | null }] }
const told = (received_at: string): Entry => ({ received_at, photos: [{ sha256: 'aa', role: 'before', bytes: 9 }] }) as Entry

it.each([
  ['told of more than a week ago', photo, owner, '2026-11-15T01:59:00.000Z', 1],
  ['told of this week, whatever the phone’s clock said', photo, owner, '2026-11-15T02:01:00.000Z', 0],
  ['held', { ...photo, held: true }, owner, '2026-11-01T00:00:00.000Z', 0],
  ['said to be lost already', photo, { ...owner, photos: [{ sha256: 'aa', lost: '手机丢了' }] }, '2026-11-01T00:00:00.000Z', 0],
  ['of a row that is not on this page', { ...photo, subject: 'h2' }, owner, '2026-11-01T00:00:00.000Z', 0],
] as const)('a photo %s', (_why, one, row, received, count) => {
  expect(latePhotos([one], [row], [told(received)], NOW)).toHaveLength(count)
})

it('a photo named again later counts from the first time', () => {
  expect(latePhotos([photo], [owner], [told('2026-11-20T00:00:00.000Z'), told('2026-11-02T00:00:00.000Z')], NOW)).toHaveLength(1)
})
