// What is written over a photo on the page: when (with the phone's clock put right), where, who, which photo, which point.
// The photo itself stays unmarked; the caption is made of the fact around it.

import type { Entry, HazardRow, InspectionRow, Names, Photo, SiteRow } from '../data/types'
import { timezone } from '../here'

type About = Pick<HazardRow | InspectionRow, 'photos' | 'at' | 'offset_ms' | 'where' | 'author'> & { spot?: string | null }

export function momentOf(at: string, offset_ms: number | null, zone: string): string {
  const moment = new Date(Date.parse(at) - (offset_ms ?? 0))
  if (Number.isNaN(moment.getTime())) return ''
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(moment)
  return offset_ms === null ? text : `${text}（已校时）`
}

type Said = Pick<Entry, 'author' | 'at' | 'offset_ms' | 'where'>
const SAME_VISIT_MS_MAX = 3_600_000

/** The fact a photo came with, where the page has it; else the row's own, as far as it is the same person's visit. */
function saidOf(photo: Photo, about: About, entries: readonly Entry[]): Said {
  const use = about.photos.find((each) => each.sha256 === photo.sha256)
  const entry = entries.find((each) => (use ? each.fact === use.fact : each.photos.some((of) => of.sha256 === photo.sha256)))
  if (entry) return entry
  const at = use?.at ?? about.at
  const same = photo.author === about.author && Math.abs(Date.parse(at ?? '') - Date.parse(about.at ?? '')) <= SAME_VISIT_MS_MAX
  return same ? { author: photo.author, at, offset_ms: about.offset_ms, where: about.where } : { author: photo.author, at, offset_ms: null, where: null }
}

export function captionOf(photo: Photo, about: About, site: SiteRow | null, names: Names, entries: readonly Entry[] = []): string[] {
  const { author, at, offset_ms, where } = saidOf(photo, about, entries)
  const first = [about.spot, site?.name].filter(Boolean).join(' · ')
  const point = where ? `北纬 ${where.lat.toFixed(5)} 东经 ${where.lon.toFixed(5)} ±${String(Math.round(where.accuracy_m))} 米` : ''
  // on a small picture the ends are cut off: when and who come first
  const last = [names[author], `#${photo.sha256.slice(0, 4).toUpperCase()}`, point].filter(Boolean).join(' · ')
  return [[at ? momentOf(at, offset_ms, timezone.value) : '', first].filter(Boolean).join(' · '), last]
}
