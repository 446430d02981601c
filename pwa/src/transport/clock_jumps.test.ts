// Clocks that are set years ahead and back, the phone's and the station's: nothing a person typed, photographed or handed over may go for it.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CHECKLIST, ROWS, SITE, enrolledPhone, killBrowser } from '../../tests/phone'
import { Station } from '../../tests/station'
import { openDraft } from '../data/begin'
import { discardDraft, readDraft, restoreDraft, useDraft } from '../data/drafts'
import { finishDraft } from '../data/finish'
import { me, updateIdentity } from '../data/identity'
import { addPhoto } from '../data/photos'
import { keepPulled } from '../data/pulled'
import { makeRoom, tidy } from '../data/storage'
import { withUser } from '../db/access'
import { pagesNotOf, startPulledOver } from '../db/pulled'
import { Sender } from './sender'

const DAY_MS = 86_400_000
const TEN_YEARS_MS = 3650 * DAY_MS
const START = Date.parse('2026-11-21T02:00:00.000Z')
let station: Station
let aside: string

/** Both clocks, in milliseconds from the start. */
function clocks(phone: number, its: number): void {
  vi.setSystemTime(START + phone)
  station.clock = () => new Date(START + its)
}

/** The app is started: the station is heard, then what is old goes. */
async function launch(): Promise<void> {
  killBrowser()
  await new Sender({ now: () => Date.now(), random: () => 0.5, setTimer: () => 0, clearTimer: () => undefined, hidden: () => false }).wake('launch')
  await tidy()
}

async function visit(words: string): Promise<string> {
  const opened = await openDraft(SITE, CHECKLIST)
  if (!opened.ok) throw new Error(opened.words)
  await useDraft(opened.value).change((draft) => { draft.remark = words; draft.attendance = 'refused' })
  expect((await addPhoto({ draft: opened.value, subject: opened.value, role: 'scene' }, new Blob([words]))).ok).toBe(true)
  return opened.value
}

/** As if the station had been heard on so many days; the next one is another. */
async function countedTo(count: number): Promise<void> {
  await updateIdentity({ days: { count, station: '', phone: '' } })
}

/** What stands on the phone: drafts, facts, bodies of photos, pages of the log. */
const standing = async (): Promise<number[]> => [
  ...(await withUser((db) => Promise.all([db.drafts.count(), db.facts.count(), db.photoBodies.count()]))), (await pagesNotOf(-1)).length,
]

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
  station = new Station(await enrolledPhone())
  station.rows = ROWS
  await station.open()
  startPulledOver()
  clocks(0, 0)
  expect((await finishDraft(await visit('交上去的'))).ok).toBe(true)
  await launch()
  await keepPulled({ facts: [{ i: 1, verdict: 'admitted', line: '{}' }], witness: { epoch: 1, from: 1, to: 1, signature: 's' }, backed_up_to: 0 } as never)
  aside = await visit('收起来的')
  await discardDraft(aside)
})

afterEach(async () => {
  vi.useRealTimers()
  await station.close()
})

test.each([
  ["the phone's clock", 20, [[TEN_YEARS_MS, 0], [-TEN_YEARS_MS, 0], [31 * DAY_MS, 0], [62 * DAY_MS, 0], [0, 0]]],
  ["the station's clock", 20, [[0, TEN_YEARS_MS], [0, -TEN_YEARS_MS], [0, 31 * DAY_MS], [0, 62 * DAY_MS], [0, 0]]],
  ['both at once, which counts as one day each time,', 5, [[TEN_YEARS_MS, TEN_YEARS_MS], [0, 0], [-TEN_YEARS_MS, -TEN_YEARS_MS], [0, 0]]],
] as const)('years ahead and back on %s take nothing of what Ana put aside, handed over or keeps for the station', async (_, counted, jumps) => {
  const before = await standing()
  expect(before).toEqual([1, 1, 2, 1])
  await countedTo(counted)
  for (let times = 0; times < 3; times++) {
    for (const [phone, its] of jumps) {
      clocks(phone, its)
      await launch()
      await keepPulled({ facts: [{ i: 2, verdict: 'admitted', line: '{}' }], witness: { epoch: 1, from: 2, to: 2, signature: 's' }, backed_up_to: 0 } as never)
    }
  }
  expect(await standing()).toEqual([1, 1, 2, 2])
  expect((await restoreDraft(aside)).ok).toBe(true)
  expect(await readDraft(aside)).toMatchObject({ remark: '收起来的' })
})

test('without the station a month on the shelf is no month: nothing put aside goes while nobody is heard', async () => {
  await station.close()
  await countedTo(29)
  for (let week = 0; week < 6; week++) {
    vi.setSystemTime(START + week * 7 * DAY_MS)
    await launch()
  }
  expect(await standing()).toEqual([1, 1, 2, 1])
  await station.open()
})

test('after thirty days on which the station was heard what she put aside goes, and its photo thirty days later', async () => {
  await updateIdentity({ backed_up_to: 9, backed_up_at: '2999-01-01T00:00:00.000Z' })
  const seen: number[][] = []
  for (const day of [30, 31, 32, 62, 63]) {
    await countedTo(day - 1)
    clocks(day * DAY_MS - TEN_YEARS_MS, day * DAY_MS) // a wrong clock that goes on counts as well as a right one
    await launch()
    expect((await me())?.days?.count).toBe(day)
    seen.push((await standing()).slice(0, 3))
  }
  // the backup has the photo of the visit at once; its receipt came before the first day was counted, the draft was put aside after
  expect(seen).toEqual([[1, 1, 1], [1, 0, 1], [0, 0, 1], [0, 0, 1], [0, 0, 0]])
})

test('on a full phone what came to the station first goes first, whatever this clock said', async () => {
  clocks(-TEN_YEARS_MS, DAY_MS)
  expect((await finishDraft(await visit('第二天的'))).ok).toBe(true)
  await launch()
  // each larger than what is freed at once
  await withUser((db) => db.photos.toCollection().modify({ bytes: 30 * 1024 * 1024 }))
  expect(await makeRoom()).toBe(true)
  const gone = await withUser((db) => db.photos.filter((photo) => photo.body_gone).toArray())
  expect(gone.map((photo) => JSON.parse(photo.receipt ?? '{}').time)).toEqual([new Date(START).toISOString()])
})
