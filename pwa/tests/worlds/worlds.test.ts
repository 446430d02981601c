// Worlds of the real phone code that everyone's changes must survive: a fixed list of seeds, here against a real gunicorn.
// More of them, and how one is replayed: `make phones`.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { phoneCode, type PhoneCode } from './bundle.ts'
import { heading, mutants, patchFault } from './mutants.ts'
import { Station } from './station.ts'
import { runWorld, type Lived } from './world.ts'

const WORLDS = 14
const MS_MAX = 600_000

const station = new Station()
let code: PhoneCode
const worlds: Lived[] = []

beforeAll(async () => {
  ;[code] = await Promise.all([phoneCode(), station.open()])
  for (let seed = 0; seed < WORLDS; seed++) worlds.push(await runWorld(seed, station, code))
}, MS_MAX)

afterAll(() => station.close())

test('killed, cut off, out of room, on two pages, revoked: what the phone called stored is in the ledger once, with its bytes', () => {
  const wrong = worlds.filter((lived) => lived.wrongs.length > 0)
  expect(wrong.map(({ seed, wrongs }) => [`make phones SEED=${seed}`, ...wrongs.slice(0, 5)])).toEqual([])
})

test('the same seed decides the same, event for event', async () => {
  const again = await runWorld(1, station, code, 'again')
  expect(again.trace).toEqual(worlds[1]?.trace)
}, MS_MAX)

test('worlds in which nobody acts and nothing goes wrong prove nothing', () => {
  const sum = (of: (lived: Lived) => number): number => worlds.reduce((total, lived) => total + of(lived), 0)
  expect(sum(({ facts }) => facts)).toBeGreaterThan(WORLDS * 10)
  expect(sum(({ photos }) => photos)).toBeGreaterThan(WORLDS)
  expect(sum(({ kills }) => kills)).toBeGreaterThan(WORLDS)
  expect(sum(({ faults }) => faults)).toBeGreaterThan(WORLDS)
})

test.each(mutants)('the deliberate bug %s still fits the code', (name) => {
  expect(patchFault(name)).toBe('')
  expect(heading(name)).toEqual([expect.stringMatching(/\.$/), 'station: phones'])
})
