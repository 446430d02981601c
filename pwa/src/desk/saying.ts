// Days, instants, distances and clocks as people say them, in the station's zone. Pure: now comes in as an argument.

import { dayIn, daysBetween } from '@/lib/time'

const MINUTE_MS = 60_000
const CLOCK_RIGHT_MS = 10 * MINUTE_MS // up to here a phone's clock counts as right (domain 4.9)
const EARTH_M = 6_371_000

/** 11月21日, with the year when it is another one. */
export function dayWords(day: string | null | undefined, today: string): string {
  if (!day) return ''
  const [year, month, date] = [day.slice(0, 4), Number(day.slice(5, 7)), Number(day.slice(8, 10))]
  return `${year === today.slice(0, 4) ? '' : `${year}年`}${String(month)}月${String(date)}日`
}

export function clockIn(timezone: string, instant: string): string {
  const at = new Date(instant)
  if (Number.isNaN(at.getTime())) return ''
  return new Intl.DateTimeFormat('zh-CN', { timeZone: timezone, hour: '2-digit', minute: '2-digit', hour12: false }).format(at).replace(/^24/, '00')
}

/** 11月21日 10:43 */
export function instantWords(instant: string | null | undefined, timezone: string, today: string): string {
  if (!instant || Number.isNaN(Date.parse(instant))) return ''
  return `${dayWords(dayIn(timezone, new Date(instant)), today)} ${clockIn(timezone, instant)}`
}

/** In a list: today's as 10:58, yesterday's as 昨天, else the day. */
export function shortWhen(instant: string, timezone: string, today: string): string {
  if (Number.isNaN(Date.parse(instant))) return ''
  const day = dayIn(timezone, new Date(instant))
  if (day === today) return clockIn(timezone, instant)
  return daysBetween(day, today) === 1 ? '昨天' : dayWords(day, today)
}

/** How far off a phone's clock was, without blame. */
export function clockWords(offset_ms: number | null): string {
  if (offset_ms === null) return '没对上时'
  const size = Math.abs(offset_ms)
  if (size <= CLOCK_RIGHT_MS) return '时间准'
  const way = offset_ms > 0 ? '快' : '慢'
  const minutes = Math.round(size / MINUTE_MS)
  if (minutes < 60) return `手机时间${way} ${String(minutes)} 分钟`
  return minutes < 60 * 48 ? `手机时间${way} ${String(Math.round(minutes / 60))} 小时` : `手机时间${way} ${String(Math.round(minutes / 1440))} 天`
}

export interface Point {
  lat: number
  lon: number
}

/** Metres between two points on the ground. */
export function metresBetween(one: Point, other: Point): number {
  const rad = Math.PI / 180
  const north = (other.lat - one.lat) * rad
  const east = (other.lon - one.lon) * rad * Math.cos(((one.lat + other.lat) / 2) * rad)
  return Math.hypot(north, east) * EARTH_M
}

export function distanceWords(metres: number): string {
  if (metres < 1000) return `${String(Math.round(metres))} 米`
  return `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} 公里`
}

export function bytesWords(bytes: number): string {
  const mb = bytes / 1024 / 1024
  return mb < 1 ? `${String(Math.max(1, Math.round(bytes / 1024)))} KB` : `${mb.toFixed(mb < 10 ? 1 : 0)} MB`
}

export function overdueWords(days: number | null | undefined): string {
  return days ? `逾期 ${String(days)} 天` : ''
}
