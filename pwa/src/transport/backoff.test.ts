import { expect, test } from 'vitest'
import { waitSeconds } from './backoff'
import { Pace } from './pace'

/** The line is tried, and breaks with a request under way. */
function cutOff(pace: Pace): void {
  pace.begin()
  pace.broke(pace.part_bytes)
}

test('waiting doubles from one second to a minute, never beyond, and never less than the station asked', () => {
  expect([1, 2, 3, 4, 7, 50].map((failures) => waitSeconds(failures, null, 1))).toEqual([1, 2, 4, 8, 60, 60])
  expect(waitSeconds(50, null, 0)).toBe(1)
  expect(waitSeconds(1, 600, 0.5)).toBe(600)
})

test('parts shrink on a bad line down to 32 KB and grow on a good one up to 1 MB', () => {
  const pace = new Pace()
  for (let i = 0; i < 9; i++) cutOff(pace)
  expect([pace.part_bytes, pace.cuts, pace.lanes]).toEqual([32 * 1024, 9, 1])
  for (let i = 0; i < 400; i++) pace.passed(pace.part_bytes)
  expect([pace.part_bytes, pace.lanes]).toEqual([1024 * 1024, 2])
})

test('on a line that breaks every 300 KB a part is a small share of that, so that a cut costs little', () => {
  const pace = new Pace()
  for (let i = 0; i < 20; i++) {
    for (let sent = 0; sent < 300_000; sent += pace.part_bytes) pace.passed(pace.part_bytes)
    cutOff(pace)
  }
  expect(pace.part_bytes).toBeGreaterThan(32 * 1024)
  expect(pace.part_bytes).toBeLessThan(300_000 / 6)
})

test('a good line soon gets whole photos of a megabyte, and one cut in a long day costs it nothing', () => {
  const pace = new Pace()
  for (let i = 0; i < 6; i++) pace.passed(180_000)
  expect([pace.part_bytes, pace.lanes]).toEqual([1024 * 1024, 2])
  for (let i = 0; i < 100; i++) pace.passed(180_000)
  pace.broke(180_000)
  expect([pace.part_bytes, pace.lanes]).toEqual([1024 * 1024, 2])
})

test('what takes no large request gets none again, however well the line does', () => {
  const pace = new Pace()
  pace.smaller()
  for (let i = 0; i < 50; i++) pace.passed(pace.request_bytes)
  expect(pace.request_bytes).toBe(128 * 1024)
})

test('the time left is told only from what really moved', () => {
  const pace = new Pace()
  expect(pace.secondsFor(1000, 0)).toBeNull()
  pace.note(100, 0)
  pace.note(100, 2000)
  expect(pace.secondsFor(1000, 2000)).toBe(10)
})

/** Requests leave as long as the line takes more of them; what is then on its way. */
function inFlight(pace: Pace, photo: number): number[] {
  const sizes: number[] = []
  while (sizes.length < pace.lanes) {
    const size = Math.min(photo, pace.request_bytes)
    pace.travels(size)
    sizes.push(size)
  }
  for (const size of sizes) pace.travels(-size)
  return sizes
}

test('whatever the line does, what is on its way at once is never more than one part: no cut costs more', () => {
  const pace = new Pace()
  const lines = [() => pace.passed(32 * 1024), () => pace.passed(180_000), () => cutOff(pace), () => pace.answered(900), () => pace.answered(10)]
  for (let step = 0; step < 2_000; step++) {
    lines[(step * step + (step >> 3)) % lines.length]?.()
    const sizes = inFlight(pace, 250_000)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(pace.part_bytes)
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(16 * 1024)
  }
})

test('a new line gets one photo at a time; one that carried four of them gets the next two at once, whole', () => {
  const pace = new Pace()
  expect(inFlight(pace, 180_000)).toEqual([180_000])
  for (let i = 0; i < 5; i++) pace.passed(180_000)
  expect(inFlight(pace, 180_000)).toEqual([180_000, 180_000])
})

test('where an answer is long in coming, a line that breaks still carries one request while the other is answered, and the two differ', () => {
  const pace = new Pace()
  pace.passed(180_000)
  cutOff(pace)
  pace.answered(10)
  expect(pace.lanes).toBe(1)
  pace.answered(900)
  const [one = 0, other = 0] = inFlight(pace, 180_000)
  expect(one + other).toBe(64 * 1024)
  expect(one).toBeGreaterThan(1.5 * other)
})

test('a cut that meets both requests is one cut', () => {
  const [once, both] = [new Pace(), new Pace()]
  for (const pace of [once, both]) for (let i = 0; i < 8; i++) pace.passed(180_000)
  cutOff(once)
  cutOff(both)
  both.broke(both.part_bytes)
  expect([both.cuts, both.part_bytes]).toEqual([once.cuts, once.part_bytes])
})
