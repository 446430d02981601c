// A day of one inspector, handed over by the phone's own sender to the real station at GI_ORIGIN (no part of `npm test`):
// enrolled with GI_CODE, GI_VISITS visits with three photos of GI_PHOTO_BYTES each. It ends when the last photo has its receipt.

import { expect, test } from 'vitest'
import { remaining } from '../src/data/handover'
import { withUser } from '../src/db/access'
import { makeDay, ownSender, until } from './field_day'
import { noise } from './noise'
import { newPhone } from './phone'
import { pageAt } from './station'

const PHOTOS_EACH = 3
const { GI_ORIGIN = '', GI_CODE = '', GI_VISITS = '30', GI_PHOTO_BYTES = '200000' } = process.env

test('a day is handed over', async () => {
  newPhone()
  pageAt(GI_ORIGIN)
  const [sender, visits] = [ownSender(), Number(GI_VISITS)]
  await makeDay(GI_CODE, { visits, photos: visits * PHOTOS_EACH, picture: () => Promise.resolve(noise(Number(GI_PHOTO_BYTES))) }, sender)
  await until(async () => {
    await sender.wake('manual')
    const left = await remaining()
    return left.facts + left.photos === 0
  })
  const photos = await withUser((db) => db.photos.toArray())
  expect(photos.map((photo) => [photo.state, photo.receipt !== null])).toEqual(Array.from({ length: visits * PHOTOS_EACH }, () => ['held', true]))
})
