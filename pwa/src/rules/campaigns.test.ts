import { expect, test } from 'vitest'
import vectors from '../../../tests/vectors/campaigns.json'
import type { Json } from '../contract/wire'
import { campaignsOn, concerns, stillToVisit } from './campaigns'

test.each(vectors.cases)('the phone and the desk list the same sites for a campaign: $why', ({ day, settings, site, within, last, expect: wanted }) => {
  const listed = campaignsOn(day, settings as { name: string; value: Json }[]).filter((one) => concerns(one, site, new Set(within)) && stillToVisit(one, last))
  expect(listed.map(({ name }) => name)).toEqual(wanted)
})
