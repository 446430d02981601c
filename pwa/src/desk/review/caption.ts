// What is written over a photo on the page: when (with the phone's clock put right), where, who, which photo, which point.
// The photo itself stays unmarked; the caption is made of the fact around it.

import type { HazardRow, InspectionRow, Names, Photo, SiteRow } from '../data/types'
import { timezone } from '../here'

type About = Pick<HazardRow | InspectionRow, 'photos' | 'at' | 'offset_ms' | 'where' | 'author'> & { spot?: string | null }

export function momentOf(at: string, offset_ms: number | null, zone: string): string {
  const moment = new Date(Date.parse(at) - (offset_ms ?? 0))
  if (Number.isNaN(moment.getTime())) return ''
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(moment)
  return offset_ms === null ? text : `${text}（已校时）`
}

export function captionOf(photo: Photo, about: About, site: SiteRow | null, names: Names): string[] {
  const at = about.photos.find((each) => each.sha256 === photo.sha256)?.at ?? about.at
  const first = [about.spot, site?.name].filter(Boolean).join(' · ')
  const where = about.where ? `北纬 ${about.where.lat.toFixed(5)} 东经 ${about.where.lon.toFixed(5)} ±${String(Math.round(about.where.accuracy_m))} 米` : ''
  // on a small picture the ends are cut off: when and who come first
  const last = [names[about.author ?? ''], `#${photo.sha256.slice(0, 4).toUpperCase()}`, where].filter(Boolean).join(' · ')
  return [[at ? momentOf(at, about.offset_ms, timezone.value) : '', first].filter(Boolean).join(' · '), last]
}
