// A day as people type it, and the weeks of a month for the small calendar. Pure: today comes in as an argument.

import { addDays } from '@/lib/time'

const WEEK_DAYS = 7
export const WEEKDAYS = ['一', '二', '三', '四', '五', '六', '日'] as const

/** `2026-11-22`, 20261122, 2026/11/22, 2026年11月22日; without a year (11-22, 11月22日) it is this year's. Null when it is no day. */
export function readDay(typed: string, today: string): string | null {
  const text = typed.trim().replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
  const whole = /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? /^(\d{4})\s*[-/.年－]\s*(\d{1,2})\s*[-/.月－]\s*(\d{1,2})\s*日?$/.exec(text)
  if (whole) return realDay(whole[1] ?? '', whole[2] ?? '', whole[3] ?? '')
  const short = /^(\d{1,2})\s*[-/.月－]\s*(\d{1,2})\s*日?$/.exec(text)
  return short ? realDay(today.slice(0, 4), short[1] ?? '', short[2] ?? '') : null
}

/** 2026-02-30 is no day: what the calendar turns into another day was not meant. */
function realDay(year: string, month: string, day: string): string | null {
  const written = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const at = Date.parse(`${written}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(written) ? written : null
}

/** `2026-11` some months later or earlier. */
export function monthAfter(month: string, by: number): string {
  const count = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + by
  return `${String(Math.floor(count / 12)).padStart(4, '0')}-${String((count % 12) + 1).padStart(2, '0')}`
}

/** The weeks of a month from Monday on; what lies outside the month is null. */
export function weeksOf(month: string): (string | null)[][] {
  const first = `${month}-01`
  const before = (new Date(`${first}T00:00:00Z`).getUTCDay() + WEEK_DAYS - 1) % WEEK_DAYS
  const weeks: (string | null)[][] = []
  for (let start = addDays(first, -before); start.slice(0, 7) <= month; start = addDays(start, WEEK_DAYS)) {
    weeks.push(Array.from({ length: WEEK_DAYS }, (_, place) => addDays(start, place)).map((day) => (day.startsWith(month) ? day : null)))
  }
  return weeks
}
