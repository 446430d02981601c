// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchAbsence } from './absence'

let running = 0
let asked = 0
let visible = 'visible'
Object.defineProperty(document, 'visibilityState', { get: () => visible })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-22T01:00:00.000Z') })
  vi.spyOn(performance, 'now').mockImplementation(() => running)
  asked = 0
  watchAbsence(60, () => { asked += 1 })
})
afterEach(() => vi.useRealTimers())

function away(clock_s: number, running_s: number): void {
  see('hidden')
  vi.setSystemTime(Date.now() + clock_s * 1000)
  running += running_s * 1000
  see('visible')
}
function see(state: string): void {
  visible = state
  document.dispatchEvent(new Event('visibilitychange'))
}

test.each([
  ['a look at a message', 20, 20, 0],
  ['lunch', 3600, 3600, 1],
  ['lunch with the phone asleep: only the clock went on', 3600, 2, 1],
  ['lunch with the clock held back: only the running time went on', 5, 3600, 1],
  ['the clock set back meanwhile', -7200, 5, 1],
])('%s', (_, clock, running_s, times) => {
  away(clock, running_s)
  expect(asked).toBe(times)
})

test('without a PIN nobody is asked', () => {
  watchAbsence(null, () => { asked += 1 })
  away(3600, 3600)
  expect(asked).toBe(0)
})
