// Days, months and ages as people count them, and figures as people write them. Pure: today is an argument.
// A date is known to the day (2024-09-10) or to the month (2024-09, counted to its last day).
// The same as app/checklists/days.py.

import { micro } from './expression.ts'

export const YEAR_MIN = 1900
export const YEAR_MAX = 2200
export const MONTHS_SHOWN_MAX = 36
export const NUMBER_MAX = 1e9

export interface Day {
  year: number
  month: number
  day: number
  exact: boolean
}

export interface Duration {
  months: number
  days: number
}

export const monthDays = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate()

/** Days since 1970, to count between dates. */
export const dayNumber = ({ year, month, day }: Day): number => Date.UTC(year, month - 1, day) / 86_400_000

export const monthNumber = ({ year, month }: Day): number => year * 12 + month - 1

const padded = (number: number): string => String(number).padStart(2, '0')

export const isoOf = (day: Day): string =>
  `${day.year}-${padded(day.month)}` + (day.exact ? `-${padded(day.day)}` : '')

// stays Chinese: part of the finding
export const dayText = (day: Day): string => `${day.year}年${day.month}月` + (day.exact ? `${day.day}日` : '')

/** The three figures of a date or duration; one that is not written is 0. */
const figures = (found: RegExpExecArray): [number, number, number] => {
  const [first = 0, second = 0, third = 0] = found.slice(1).map((part: string | undefined) => Number(part ?? 0))
  return [first, second, third]
}

export function parseDay(text: unknown): Day | null {
  const found = typeof text === 'string' ? /^([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?$/.exec(text) : null
  if (!found) return null
  const [year, month, day] = figures(found)
  if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12) return null
  const last = monthDays(year, month)
  if (!found[3]) return { year, month, day: last, exact: false }
  return day && day <= last ? { year, month, day, exact: true } : null
}

export function parseDuration(text: string): Duration | null {
  const found = /^P(?:([0-9]{1,3})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,5})D)?$/.exec(text)
  if (!found || text === 'P') return null
  const [years, months, days] = figures(found)
  return { months: years * 12 + months, days }
}

export function durationText({ months, days }: Duration): string {
  const parts: [number, string][] = [
    [Math.floor(months / 12), '年'],
    [months % 12, '个月'],
    [days, '天'],
  ]
  return (
    parts
      .filter(([count]) => count)
      .map(([count, unit]) => `${count} ${unit}`)
      .join(' ') || '0 天'
  )
}

/** The same day of a later month, or its last day: 31 August and 6 months is 28 February. */
export function addMonths(day: Day, months: number): Day {
  const total = monthNumber(day) + months
  const year = Math.floor(total / 12)
  const month = (total % 12) + 1
  return { year, month, day: Math.min(day.day, monthDays(year, month)), exact: day.exact }
}

/** The last day (as a number) on which something from `start` is still within `duration`. */
export function due(start: Day, duration: Duration): number {
  const end = addMonths(start, duration.months)
  const last = start.exact ? end : { ...end, day: monthDays(end.year, end.month) }
  return dayNumber(last) + duration.days
}

function monthsText(months: number): string {
  if (months < 1) return '不到 1 个月'
  if (months <= MONTHS_SHOWN_MAX) return `已 ${months} 个月`
  const rest = months % 12
  return `已 ${Math.floor(months / 12)} 年` + (rest ? ` ${rest} 个月` : '')
}

/** Whole months until three years, then years; odd days where only they pass the limit. */
export function ageText(start: Day, today: Day, limit: Duration): string {
  let months = monthNumber(today) - monthNumber(start)
  if (!start.exact) return monthsText(months)
  if (dayNumber(addMonths(start, months)) > dayNumber(today)) months--
  const days = dayNumber(today) - dayNumber(addMonths(start, months))
  if (months === 0) return days ? `已 ${days} 天` : '不到 1 天'
  return monthsText(months) + (months === limit.months && days > 0 ? `零 ${days} 天` : '')
}

/** A finite number people could have read off something. */
export const parseNumber = (value: unknown): number | null =>
  typeof value === 'number' && value >= -NUMBER_MAX && value <= NUMBER_MAX ? value : null

/** 2300000 with one decimal is 2.3; more digits than asked for are kept, never rounded away. */
export function microText(millionths: number, decimals: number): string {
  const size = Math.abs(millionths)
  const digits = String(size % 1_000_000).padStart(6, '0')
  const kept = Math.max(decimals, digits.replace(/0+$/, '').length)
  const whole = `${millionths < 0 ? '-' : ''}${Math.floor(size / 1_000_000)}`
  return kept ? `${whole}.${digits.slice(0, kept)}` : whole
}

export const numberText = (number: number, decimals: number): string => microText(micro(number), decimals)
