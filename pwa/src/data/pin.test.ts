import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { enrolledPhone, killBrowser, quickPin } from '../../tests/phone'
import { withUser } from '../db/access'
import { giveFeedback } from './one_tap'
import { pinWanted } from './identity'
import { FREE_TRIES, WAITS_S, enterPin, isObvious, pinWait, removePin, setPin } from './pin'

const PIN = '270419'
const WRONG = '270418'

beforeEach(async () => {
  await enrolledPhone()
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-22T01:00:00.000Z') })
  await quickPin(PIN)
})
afterEach(() => vi.useRealTimers())

async function wrongTimes(count: number): Promise<number> {
  let wait = 0
  for (let i = 0; i < count; i++) {
    const entered = await enterPin(WRONG)
    if (!entered.ok) wait = entered.wait_s
  }
  return wait
}
const later = (seconds: number): void => { vi.setSystemTime(Date.now() + seconds * 1000) }

test('the PIN opens, another does not, and it is asked for after a restart', async () => {
  expect(await enterPin(PIN)).toEqual({ ok: true })
  expect(await enterPin(WRONG)).toMatchObject({ ok: false, wait_s: 0 })
  killBrowser()
  expect(await pinWanted()).toBe(true)
})

test('what is stored is no PIN: a slow salted hash, another one each time', async () => {
  expect(await setPin(PIN, PIN)).toEqual({ ok: true, value: null })
  const stored = async (): Promise<string> => JSON.stringify(await withUser((db) => db.settings.toArray()))
  const first = await stored()
  expect(first).not.toContain(PIN)
  expect(first).toContain('"iterations":600000')
  expect(await setPin(PIN, PIN)).toMatchObject({ ok: true })
  expect(await stored()).not.toBe(first)
})

test('wrong PINs wait longer and longer, up to a bound, and a restart does not shorten it', async () => {
  expect(await wrongTimes(FREE_TRIES)).toBe(0)
  for (const seconds of [...WAITS_S, WAITS_S[3], WAITS_S[3]]) {
    expect(await wrongTimes(1)).toBe(seconds)
    killBrowser()
    expect(await enterPin(PIN)).toMatchObject({ ok: false }) // even the right one has to wait, and does not count
    expect(await pinWait()).toBe(seconds)
    later(seconds)
  }
  expect(await enterPin(PIN)).toEqual({ ok: true })
  expect(await wrongTimes(1)).toBe(0)
})

test('a clock set back makes nobody wait longer than was said', async () => {
  const said = await wrongTimes(FREE_TRIES + 1)
  later(-86_400)
  expect(await pinWait()).toBe(said)
})

test('any number of wrong PINs loses nothing that was recorded', async () => {
  await giveFeedback('楼梯口堵了')
  await wrongTimes(FREE_TRIES + 1)
  expect(await withUser((db) => Promise.all([db.facts.count(), db.outbox.count(), db.identity.count()]))).toEqual([1, 1, 1])
})

test('it is changed and taken off only by who knows it', async () => {
  expect(await setPin('918273', WRONG)).toMatchObject({ ok: false, code: 'pin_wrong' })
  expect(await setPin('918273', null)).toMatchObject({ ok: false, code: 'pin_wrong' })
  expect(await removePin(WRONG)).toMatchObject({ ok: false })
  expect(await enterPin(PIN)).toEqual({ ok: true })
  expect(await setPin('918273', PIN)).toMatchObject({ ok: true })
  expect(await removePin('918273')).toMatchObject({ ok: true })
  expect(await pinWanted()).toBe(false)
})

test.each(['111111', '123456', '654321'])('%s is refused: a thief tries it first', async (pin) => {
  expect(isObvious(pin)).toBe(true)
  expect(await setPin(pin, PIN)).toMatchObject({ ok: false, code: 'pin_obvious' })
})

test('only six digits are a PIN', async () => {
  for (const pin of ['27041', '2704190', '27041a', '']) expect(await setPin(pin, PIN)).toMatchObject({ ok: false, code: 'pin_shape' })
})
