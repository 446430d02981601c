// What stands on a shown photo: the lines of the watermark, from the photo and the fact around it. The photo itself never
// carries them (I13). The server's are made by sync/watermark.py from the same cases (tests/vectors/watermark.json).
// It must not know pixels, rows or where a photo lies.
// stays Chinese: the same lines as the server's, whoever shares the photo

import { STATION_ZONE_HOURS } from '../contract/limits'

const HOUR_MS = 3_600_000
const CODE_DIGITS = 8
/** a metre; more would promise what no phone knows */
const DEGREE_DIGITS = 5

/** A photo as it is shown. Null or an empty text: not known here, and nothing is said of it. */
export interface Shot {
  sha256: string
  /** the phone's own instant */
  at: string | null
  /** by how much the phone's clock was fast; null: never put right */
  offset_ms: number | null
  /** WGS-84 */
  where: { lat: number; lon: number; accuracy_m: number } | null
  /** stands in for the position */
  village: string | null
  site: string | null
  spot: string | null
  inspector: string | null
  station: string | null
  number: string | null
  /** the photo's fact is at hand, which says how the clock stood and whether there was a position; without it nothing is said of either */
  fact_known: boolean
  /** `gallery`: chosen from the phone's pictures, so that the time is that of the choice */
  source: string | null
}

/** Where, when, the position, who, and the code that leads back; a line for each that is known. */
export function watermarkLines(shot: Shot): string[] {
  const lines = [
    joined(shot.site, shot.spot),
    moment(shot),
    place(shot),
    joined(shot.inspector, shot.station),
    joined(shot.number, `照片 ${photoCode(shot.sha256)}`),
  ]
  return lines.filter(Boolean)
}

/** The short code of a photo, as it is read out and typed into the desk's search. */
export function photoCode(sha256: string): string {
  return sha256.slice(0, CODE_DIGITS).toUpperCase()
}

function joined(...parts: (string | null)[]): string {
  return parts.filter(Boolean).join(' · ')
}

function moment({ at, offset_ms, fact_known, source }: Shot): string {
  const told = new Date(Date.parse(at ?? '') - (offset_ms ?? 0) + STATION_ZONE_HOURS * HOUR_MS)
  if (Number.isNaN(told.getTime())) return ''
  const text = told.toISOString().slice(0, 19).replace('T', ' ')
  const clock = offset_ms === null ? '（手机时间未校对）' : '（已校时）'
  return joined(text + (fact_known ? clock : ''), source === 'gallery' ? '从相册选' : null)
}

function place({ where, village, fact_known }: Shot): string {
  if (!where) return village ? village + (fact_known ? '（没有定位）' : '') : ''
  const { lat, lon, accuracy_m } = where
  const metres = Math.max(1, Math.floor(accuracy_m + 0.5))
  return `${lat >= 0 ? '北纬' : '南纬'} ${degrees(lat)} ${lon >= 0 ? '东经' : '西经'} ${degrees(lon)} ±${String(metres)} 米（WGS-84）`
}

function degrees(value: number): string {
  return Math.abs(value).toFixed(DEGREE_DIGITS)
}
