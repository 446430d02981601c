// The short way to a day in the station's zone gives what the calendar tables of the browser give.

import { expect, test } from 'vitest'
import { dayIn } from './time'

const ZONE = 'Asia/Shanghai'
const byTables = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' })

test('the day of any moment is the one of the tables, also at midnight and in the years of summer time', () => {
  const STEP_MS = 37 * 3_600_000 + 1_234_567
  for (let at = Date.UTC(1985, 0, 1); at < Date.UTC(2060, 0, 1); at += STEP_MS) expect(dayIn(ZONE, new Date(at))).toBe(byTables.format(new Date(at)))
  for (const at of ['2026-11-20T15:59:59.999Z', '2026-11-20T16:00:00.000Z', '2026-12-31T16:00:00.000Z', '1991-12-31T16:00:00.000Z']) {
    expect(dayIn(ZONE, new Date(at))).toBe(byTables.format(new Date(at)))
  }
})

test('other zones go by the tables', () => {
  expect(dayIn('America/New_York', new Date('2026-07-01T03:30:00.000Z'))).toBe('2026-06-30')
})
