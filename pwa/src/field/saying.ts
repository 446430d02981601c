// Days, times, distances and sizes as people say them. Pure: today and the zone come in as arguments.

const WEEKDAYS = ['日', '一', '二', '三', '四', '五', '六']
const KB = 1024
const MB = 1024 * 1024

function dayParts(day: string): [number, number, number] {
  return [Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8, 10))]
}

function dayIndex(day: string): number {
  return Math.round(Date.parse(`${day.slice(0, 10)}T00:00:00Z`) / 86_400_000)
}

/** 11月21日, with the year when it is another one. */
export function dayWords(day: string, today: string): string {
  const [year, month, date] = dayParts(day)
  return (day.slice(0, 4) === today.slice(0, 4) ? '' : `${year}年`) + `${month}月${date}日`
}

/** 11月21日 周六 */
export function dayWithWeekday(day: string): string {
  const [, month, date] = dayParts(day)
  return `${month}月${date}日 周${WEEKDAYS[new Date(`${day}T00:00:00Z`).getUTCDay()]}`
}

/** 今天, 昨天, 明天, else the date */
export function nearDay(day: string, today: string): string {
  const apart = dayIndex(day) - dayIndex(today)
  return ({ '-1': '昨天', '0': '今天', '1': '明天' } as Record<string, string>)[String(apart)] ?? dayWords(day, today)
}

/** 今天 17:42, in the station's zone */
export function timeWords(instant: string, timezone: string, today: string): string {
  const at = new Date(instant)
  if (Number.isNaN(at.getTime())) return ''
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at)
  const clock = new Intl.DateTimeFormat('zh-CN', { timeZone: timezone, hour: '2-digit', minute: '2-digit', hour12: false }).format(at)
  return `${nearDay(day, today)} ${clock.replace(/^24/, '00')}`
}

export function distanceWords(metres: number): string {
  if (metres < 1000) return `${Math.max(10, Math.round(metres / 10) * 10)} 米`
  return `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} 公里`
}

export function bytesWords(bytes: number): string {
  if (bytes < 100 * KB) return `${Math.max(1, Math.round(bytes / KB))} KB`
  return bytes < 10 * MB ? `${(bytes / MB).toFixed(1)} MB` : `${Math.round(bytes / MB)} MB`
}

export function secondsWords(seconds: number): string {
  if (seconds < 60) return '不到 1 分钟'
  return seconds < 3600 ? `约 ${Math.round(seconds / 60)} 分钟` : `约 ${(seconds / 3600).toFixed(1)} 小时`
}

export function daysLeftWords(deadline: string, today: string): string {
  const left = dayIndex(deadline) - dayIndex(today)
  if (left < 0) return `超期 ${-left} 天`
  return left === 0 ? '今天到期' : `剩 ${left} 天`
}
