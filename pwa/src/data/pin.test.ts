import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { enrolledPhone, killBrowser, quickPin } from '../../tests/phone'
import { withUser } from '../db/access'
import { giveFeedback } from './one_tap'
import { pinWanted } from './identity'
import type * as Pin from './pin'
import { FREE_TRIES, WAITS_S, enterPin, isObvious, pinWait, removePin, setPin } from './pin'

const PIN = '270419'
const WRONG = '270418'

beforeEach(async () => {
  await enrolledPhone()
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: Date.parse('2026-11-22T01:00:00.000Z') })
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
/** the page stays open meanwhile */
const later = (seconds: number): unknown => vi.advanceTimersByTime(seconds * 1000)
const clockMoved = (seconds: number): unknown => vi.setSystemTime(Date.now() + seconds * 1000)

/** As after a restart: a page that knows nothing of before. */
async function restarted(): Promise<typeof Pin> {
  killBrowser()
  vi.resetModules()
  return import('./pin')
}

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

test('wrong PINs wait longer and longer, up to a bound', async () => {
  expect(await wrongTimes(FREE_TRIES)).toBe(0)
  for (const seconds of [...WAITS_S, WAITS_S[3], WAITS_S[3]]) {
    expect(await wrongTimes(1)).toBe(seconds)
    expect(await enterPin(PIN)).toMatchObject({ ok: false }) // even the right one has to wait, and does not count
    expect(await pinWait()).toBe(seconds)
    later(seconds)
  }
  expect(await enterPin(PIN)).toEqual({ ok: true })
  expect(await wrongTimes(1)).toBe(0)
})

test('neither another time on the phone nor a restart shortens the waiting, and it never gets longer than was said', async () => {
  const said = await wrongTimes(FREE_TRIES + 1)
  clockMoved(86_400)
  expect(await pinWait()).toBe(said)
  clockMoved(-2 * 86_400)
  expect(await pinWait()).toBe(said)
  later(20)
  expect(await pinWait()).toBe(said - 20)
  const page = await restarted()
  clockMoved(86_400)
  expect(await page.enterPin(PIN)).toMatchObject({ ok: false, wait_s: said - 20 })
  later(said - 20)
  expect(await page.enterPin(PIN)).toEqual({ ok: true })
})

test('a thief who restarts and moves the clock again and again gets one try in five minutes; she gets in after her turn', async () => {
  for (let tries = FREE_TRIES + WAITS_S.length; tries > 0; tries--) {
    await enterPin(WRONG)
    later(await pinWait())
  }
  let judged = 0
  for (let turn = 0; turn < 10; turn++) {
    const page = await restarted()
    clockMoved(3_600)
    const entered = await page.enterPin(WRONG)
    if (!entered.ok && entered.wait_s === WAITS_S.at(-1)) judged += 1
    later(60)
    await page.pinWait()
  }
  expect(judged).toBeLessThanOrEqual(3)
  const page = await restarted()
  later(await page.pinWait())
  expect(await page.enterPin(PIN)).toEqual({ ok: true })
})

test('a waiting time an earlier release stored goes on by the clock it was said by', async () => {
  const until = new Date(Date.now() + 60_000).toISOString()
  await withUser((db) => db.settings.put({ name: 'pin-tries', value: { wrong: 6, until, wait_s: 60 } }))
  expect(await pinWait()).toBe(60)
  later(60)
  expect(await enterPin(PIN)).toEqual({ ok: true })
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
