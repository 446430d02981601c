// Months as people say them (2024年9月) and as answers store them (2024-09).
// The years offered come from the caller's today; this file reads no clock.

const YEARS_BACK = 30
const YEARS_AHEAD = 15

export function monthWords(month: string): string {
  const found = /^(\d{4})-(\d{2})/.exec(month)
  return found ? `${found[1]}年${Number(found[2])}月` : month
}

export function yearsAround(today: string): number[] {
  const now = Number(today.slice(0, 4))
  return Array.from({ length: YEARS_BACK + YEARS_AHEAD + 1 }, (_, step) => now + YEARS_AHEAD - step)
}

export function monthOf(year: string, month: string): string | null {
  return year && month ? `${year}-${month.padStart(2, '0')}` : null
}
