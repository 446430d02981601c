// The day of shaped_line.ts in Node (no part of `npm test`): made at GI_ORIGIN, handed over by way of GI_LINE, told in the file GI_TOLD.

import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
import { newPhone } from './phone'
import { handOver, prepare } from './shaped_line'
import { pageAt } from './station'

const { GI_ORIGIN = '', GI_LINE = '', GI_CODE = '', GI_TOLD = '', GI_VISITS = '30', GI_PHOTOS = '100', GI_PHOTO_BYTES = '180000' } = process.env

test('a day is handed over', async () => {
  newPhone()
  pageAt(GI_ORIGIN)
  await prepare(GI_CODE, { visits: Number(GI_VISITS), photos: Number(GI_PHOTOS), photo_bytes: Number(GI_PHOTO_BYTES), pictures: false })
  pageAt(GI_LINE)
  writeFileSync(GI_TOLD, JSON.stringify(await handOver()))
})
