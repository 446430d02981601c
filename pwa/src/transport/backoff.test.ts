import { expect, test } from 'vitest'
import { waitSeconds } from './backoff'
import { Pace } from './pace'

test('waiting doubles from one second to a minute, never beyond, and never less than the station asked', () => {
  expect([1, 2, 3, 4, 7, 50].map((failures) => waitSeconds(failures, null, 1))).toEqual([1, 2, 4, 8, 60, 60])
  expect(waitSeconds(50, null, 0)).toBe(1)
  expect(waitSeconds(1, 600, 0.5)).toBe(600)
})

test('parts shrink on a bad line down to 32 KB and grow on a good one up to 1 MB', () => {
  const pace = new Pace()
  for (let i = 0; i < 9; i++) pace.broke(pace.part_bytes)
  expect([pace.part_bytes, pace.cuts, pace.lanes(2)]).toEqual([32 * 1024, 9, 1])
  for (let i = 0; i < 400; i++) pace.passed(pace.part_bytes)
  expect([pace.part_bytes, pace.lanes(2)]).toEqual([1024 * 1024, 2])
})

test('on a line that breaks every 300 KB a part is a small share of that, so that a cut costs little', () => {
  const pace = new Pace()
  for (let i = 0; i < 20; i++) {
    for (let sent = 0; sent < 300_000; sent += pace.part_bytes) pace.passed(pace.part_bytes)
    pace.broke(pace.part_bytes)
  }
  expect(pace.part_bytes).toBeGreaterThan(32 * 1024)
  expect(pace.part_bytes).toBeLessThan(300_000 / 6)
})

test('a good line soon gets whole photos of a megabyte, and one cut in a long day costs it nothing', () => {
  const pace = new Pace()
  for (let i = 0; i < 6; i++) pace.passed(180_000)
  expect([pace.part_bytes, pace.lanes(2)]).toEqual([1024 * 1024, 2])
  for (let i = 0; i < 100; i++) pace.passed(180_000)
  pace.broke(180_000)
  expect([pace.part_bytes, pace.lanes(2)]).toEqual([1024 * 1024, 2])
})

test('what takes no large request gets none again, however well the line does', () => {
  const pace = new Pace()
  pace.smaller()
  for (let i = 0; i < 50; i++) pace.passed(pace.part_bytes)
  expect(pace.part_bytes).toBe(128 * 1024)
})

test('the time left is told only from what really moved', () => {
  const pace = new Pace()
  expect(pace.secondsFor(1000, 0)).toBeNull()
  pace.note(100, 0)
  pace.note(100, 2000)
  expect(pace.secondsFor(1000, 2000)).toBe(10)
})
