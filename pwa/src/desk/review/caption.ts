// What is written over a photo on the page: the lines of its watermark, made of the photo and the fact around it
// (rules/watermark.ts). The photo itself stays unmarked.

import type { PhotoMark } from '@/contract/wire'
import { watermarkLines } from '@/rules/watermark'
import { stationName } from '../data/client'
import type { Entry, HazardRow, InspectionRow, Names, Photo, SiteRow } from '../data/types'

type About = Pick<HazardRow | InspectionRow, 'photos' | 'at' | 'offset_ms' | 'where' | 'author'> & { spot?: string | null; number?: string | null }

/** What a page knows around its photos. */
export interface Around {
  site: SiteRow | null
  area: string
  accounts: Names
  timeline?: readonly Entry[]
}

type Said = Pick<Entry, 'author' | 'at' | 'offset_ms' | 'where'> & { fact_known: boolean }
const SAME_VISIT_MS_MAX = 3_600_000

/** The fact a photo came with, where the page has it; else the row's own, as far as it is the same person's visit. */
function saidOf(photo: Photo, about: About, entries: readonly Entry[]): Said {
  const use = about.photos.find((each) => each.sha256 === photo.sha256)
  const entry = entries.find((each) => (use ? each.fact === use.fact : each.photos.some((of) => of.sha256 === photo.sha256)))
  // what the desk says has the station's own time
  if (entry) return { ...entry, offset_ms: entry.enrolment === null ? 0 : entry.offset_ms, fact_known: true }
  const at = use?.at ?? about.at
  const same = photo.author === about.author && Math.abs(Date.parse(at ?? '') - Date.parse(about.at ?? '')) <= SAME_VISIT_MS_MAX
  const known = { author: photo.author, at, fact_known: same }
  return same ? { ...known, offset_ms: about.offset_ms, where: about.where } : { ...known, offset_ms: null, where: null }
}

/** What was drawn on a photo with a finger. */
export function marksOn(photo: Photo, about: Pick<About, 'photos'> | null | undefined): PhotoMark[] {
  return about?.photos.find((each) => each.sha256 === photo.sha256 && each.role === photo.role)?.marks ?? []
}

export function captionOf(photo: Photo, about: About, { site, area, accounts, timeline }: Around): string[] {
  const said = saidOf(photo, about, timeline ?? [])
  const use = about.photos.find((each) => each.sha256 === photo.sha256 && each.role === photo.role)
  return watermarkLines({
    sha256: photo.sha256, at: use?.kept_at ?? said.at, offset_ms: said.offset_ms, where: said.where, fact_known: said.fact_known, source: use?.source ?? null,
    village: area || null, site: site?.name ?? null, spot: about.spot ?? null, number: about.number ?? null,
    inspector: accounts[said.author] ?? null, station: stationName.value || null,
  })
}
