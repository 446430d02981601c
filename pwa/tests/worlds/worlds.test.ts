// Worlds of the real phone code that everyone's changes must survive: a fixed list of seeds, here against a real gunicorn.
// More of them, and how one is replayed: `make phones`.

import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { phoneCode, type PhoneCode } from './bundle.ts'
import { Disk } from './disk.ts'
import { heading, mutants, patchFault, withBug } from './mutants.ts'
import { Station } from './station.ts'
import { runWorld, type Lived } from './world.ts'

/** besides the first ones: a hazard's row came before the fact that names its site */
const WORLDS = [...Array.from({ length: 14 }, (_, seed) => seed), 43]
const MS_MAX = 600_000

const station = new Station()
let code: PhoneCode
const worlds: Lived[] = []

beforeAll(async () => {
  ;[code] = await Promise.all([phoneCode(), station.open()])
  for (const seed of WORLDS) worlds.push(await runWorld(seed, station, code))
}, MS_MAX)

afterAll(() => station.close())

test('killed, cut off, out of room, on two pages, revoked: what the phone called stored is in the ledger once, with its bytes', () => {
  const wrong = worlds.filter((lived) => lived.wrongs.length > 0)
  expect(wrong.map(({ seed, wrongs }) => [`make phones SEED=${seed}`, ...wrongs.slice(0, 5)])).toEqual([])
})

test('the same seed decides the same, event for event', async () => {
  const again = await runWorld(1, station, code, 'again')
  expect(photosInAnyOrder(again.trace)).toEqual(photosInAnyOrder(worlds[1]?.trace ?? []))
}, MS_MAX)

/** Which of two photos of one instant goes first hangs on the station's keys, which are no part of a seed. */
function photosInAnyOrder(trace: readonly string[]): string[] {
  const ordered: string[] = []
  for (const line of trace) {
    let place = ordered.length
    if (line.includes('/photos/*')) while (place > 0 && ordered[place - 1]!.includes('/photos/*') && ordered[place - 1]! > line) place--
    ordered.splice(place, 0, line)
  }
  return ordered
}

test('worlds in which nobody acts and nothing goes wrong prove nothing', () => {
  const sum = (of: (lived: Lived) => number): number => worlds.reduce((total, lived) => total + of(lived), 0)
  expect(sum(({ facts }) => facts)).toBeGreaterThan(WORLDS.length * 10)
  expect(sum(({ photos }) => photos)).toBeGreaterThan(WORLDS.length)
  expect(sum(({ kills }) => kills)).toBeGreaterThan(WORLDS.length)
  expect(sum(({ faults }) => faults)).toBeGreaterThan(WORLDS.length)
})

/** A phone's disk with one store and one record in it. */
async function diskWithOne(): Promise<{ disk: Disk; database: IDBDatabase }> {
  const disk = new Disk()
  const request = disk.seenBy({ alive: true, deliver: () => true }).open('gi', 1) as IDBOpenDBRequest
  const database = await new Promise<IDBDatabase>((done) => {
    request.onupgradeneeded = () => request.result.createObjectStore('drafts', { keyPath: 'id' }).put({ id: 'a' })
    request.onsuccess = () => done(request.result)
  })
  return { disk, database }
}

test('what a full phone could not write leaves the disk as it was, also when the page gives up in the same moment', async () => {
  const { disk, database } = await diskWithOne()
  disk.room = 0
  const transaction = database.transaction('drafts', 'readwrite')
  const over = new Promise((done) => (transaction.onabort = done))
  transaction.objectStore('drafts').delete('a')
  disk.room = 0 // the record's own room is not enough for a larger one
  transaction.objectStore('drafts').put({ id: 'b' }).onerror = () => transaction.abort()
  await over
  expect(disk.records('gi', 'drafts')).toEqual([{ id: 'a' }])
})

test.each(mutants)('the deliberate bug %s still fits the code', (name) => {
  expect(patchFault(name)).toBe('')
  expect(heading(name)).toEqual([expect.stringMatching(/\.$/), expect.stringMatching(/^(station: phones|caught by: src\/\S+\.test\.ts::.+)$/)])
})

test('the code with a deliberate bug in it can be lived with: otherwise no world would ever meet the bug', async () => {
  const code = await withBug('idle_store_not_cleared', (pwa) => phoneCode(join(pwa, 'src')))
  expect(code).toBeTypeOf('function')
})
