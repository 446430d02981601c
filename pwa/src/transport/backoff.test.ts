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
  for (let i = 0; i < 9; i++) pace.broke()
  expect([pace.part_bytes, pace.cuts]).toEqual([32 * 1024, 9])
  for (let i = 0; i < 9; i++) pace.passed()
  expect(pace.part_bytes).toBe(1024 * 1024)
})

test('the time left is told only from what really moved', () => {
  const pace = new Pace()
  expect(pace.secondsFor(1000, 0)).toBeNull()
  pace.note(100, 0)
  pace.note(100, 2000)
  expect(pace.secondsFor(1000, 2000)).toBe(10)
})
