// Instants and days as text: instants in UTC, days in the station's zone, both comparable as strings.
// It must not read the clock by itself except in `now`, the one place tests replace by passing their own.

const DAY_MS = 86_400_000

export type Clock = () => Date
export const now: Clock = () => new Date()

/** `2026-11-21T02:31:05.123Z` */
export function instant(at: Date): string {
  return at.toISOString()
}

/** The calendar day of an instant in a zone, e.g. `2026-11-21`. */
export function dayIn(timezone: string, at: Date): string {
  const hours = at.getTime() >= SUMMER_TIME_OVER ? HOURS_AHEAD[timezone] : undefined
  if (hours !== undefined) return new Date(at.getTime() + hours * HOUR_MS).toISOString().slice(0, 10)
  let format = dayFormats.get(timezone)
  if (!format) {
    // sv-SE writes dates as year-month-day; making a format costs more than all its uses
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, year: 'numeric', month: '2-digit', day: '2-digit' })
    dayFormats.set(timezone, format)
  }
  return format.format(at)
}

const HOUR_MS = 3_600_000
// Today's list asks for a day for every site, and a slow phone takes long to make a format: where the clock is never moved, hours do.
const HOURS_AHEAD: { [timezone: string]: number } = { 'Asia/Shanghai': 8 }
const SUMMER_TIME_OVER = Date.UTC(1992, 0, 1)
const dayFormats = new Map<string, Intl.DateTimeFormat>()

export function dayNumber(day: string): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS)
}

export function dayFromNumber(days: number): string {
  return new Date(days * DAY_MS).toISOString().slice(0, 10)
}

export function addDays(day: string, days: number): string {
  return dayFromNumber(dayNumber(day) + days)
}

export function daysBetween(from: string, to: string): number {
  return dayNumber(to) - dayNumber(from)
}

/** The first day of a month counted from year 0 (year * 12 + month - 1). */
export function firstOfMonth(months: number): string {
  return new Date(Date.UTC(Math.floor(months / 12), months % 12, 1)).toISOString().slice(0, 10)
}

export function monthsOf(day: string): number {
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1
}
