// A day as people type it, in three numbers or in one line, and why one cannot be taken: the only place that reads days,
// for the phone's field and the desk's. Pure: today comes in as an argument.

import { plainDigits } from './number_text'

export interface DayParts {
  year: string
  month: string
  day: string
}

const NO_PARTS: DayParts = { year: '', month: '', day: '' }
/** No month begins with a digit above 1 and no day with one above 3: after it there is nothing more to type. */
const FIRST_DIGIT_MAX: Readonly<Record<keyof DayParts, number>> = { year: 9, month: 1, day: 3 }
const DIGITS: Readonly<Record<keyof DayParts, number>> = { year: 4, month: 2, day: 2 }

export function partsOf(day: string | null): DayParts {
  const found = /^(\d{4})-(\d{2})-(\d{2})/.exec(day ?? '')
  return found ? { year: found[1] ?? '', month: String(Number(found[2])), day: String(Number(found[3])) } : NO_PARTS
}

/** Only digits, no more than fit. */
export function digitsOf(part: keyof DayParts, typed: string): string {
  return plainDigits(typed).replace(/\D/g, '').slice(0, DIGITS[part])
}

export function isFull(part: keyof DayParts, text: string): boolean {
  return text.length === DIGITS[part] || (part !== 'year' && Number(text) > FIRST_DIGIT_MAX[part])
}

/** `2026-11-05`; null while something is missing, or when there is no such day (2月30日). */
export function dayFrom({ year, month, day }: DayParts): string | null {
  if (year.length !== DIGITS.year || !month || !day) return null
  const written = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const at = new Date(`${written}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(written) ? written : null
}

/** What a line of text may look like; for a person who wrote something that cannot be read as a day at all. */
export const DAY_EXAMPLE_WORDS = '写成 2026-11-22 这样'
const LINES = [/^(\d{4})(\d{2})(\d{2})$/, /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/, /^()(\d{1,2})[-/.月](\d{1,2})日?$/]

/** `2026-11-22`, 20261122, 2026/11/22, 2026年11月22日; without a year (11-22, 11月22日) it is this year's. Null: no such line. */
export function partsIn(line: string, today: string): DayParts | null {
  const text = plainDigits(line)
  const found = LINES.map((each) => each.exec(text)).find((each) => each !== null)
  return found ? { year: found[1] || today.slice(0, DIGITS.year), month: found[2] ?? '', day: found[3] ?? '' } : null
}

/** The day in a line of text, null when there is none to be taken; then why, in words. */
export function readDay(line: string, today: string, min?: string, max?: string): { day: string | null; trouble: string } {
  const parts = partsIn(line, today)
  const trouble = parts ? dayTrouble(parts, min, max) : DAY_EXAMPLE_WORDS
  return { day: parts && !trouble ? dayFrom(parts) : null, trouble }
}

/** Whether a day is before the first or after the last that may be taken; either may be left open. */
export function outside(day: string, min: string | undefined, max: string | undefined): 'early' | 'late' | null {
  if (min && day < min) return 'early'
  return max && day > max ? 'late' : null
}

export function dayWords(day: string): string {
  const { year, month, day: date } = partsOf(day)
  return `${year}年${month}月${date}日`
}

/** Why what stands in the field is no day to be taken; empty when it is one, or when nothing is written yet. */
export function dayTrouble(parts: DayParts, min: string | undefined, max: string | undefined): string {
  const day = dayFrom(parts)
  const limit = day && outside(day, min, max)
  if (limit) return limit === 'early' ? `不能早于${dayWords(min ?? '')}` : `不能晚于${dayWords(max ?? '')}`
  if (day) return ''
  if (!parts.month && !parts.day) return '还没写月和日'
  if (parts.year.length < DIGITS.year || !parts.month || !parts.day) return '年、月、日还没写全'
  return '没有这一天'
}
