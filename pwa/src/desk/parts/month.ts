// The weeks of a month for the small calendar. Pure; days as people type them are read in ui/day_text.ts.

import { addDays } from '@/lib/time'

const WEEK_DAYS = 7
export const WEEKDAYS = ['一', '二', '三', '四', '五', '六', '日'] as const

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
