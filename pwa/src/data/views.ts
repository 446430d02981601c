// Rows joined with the names a person reads: areas, sites, checklists, photos on this phone. Shared by all lists.
// It must not decide anything.

import type { HazardRow, InspectionRow } from '../contract/wire'
import { readUser } from '../db/access'
import type { PhotoRecord } from '../db/user'
import { daysBetween } from '../lib/time'
import { photoView } from './photo_store'
import { isOpen } from './rows'
import type { HazardView, InspectionView, PhotoView } from './types'

type WithPhotos = Pick<InspectionRow, 'id' | 'photos'>

export async function hazardView(hazard: HazardRow, siteName: string, today: string): Promise<HazardView> {
  const [view] = await hazardViews([hazard], () => siteName, today)
  return view as HazardView
}

/** Their photos are read together: a list of hazards costs what one does. */
export async function hazardViews(hazards: readonly HazardRow[], siteName: (hazard: HazardRow) => string, today: string): Promise<HazardView[]> {
  const photos = await photoRecords(hazards)
  return hazards.map((hazard) => {
    const late = isOpen(hazard) && hazard.deadline ? Math.max(0, daysBetween(hazard.deadline, today)) : 0
    return { hazard, site_name: siteName(hazard), overdue_days: late, photos: photosShown(hazard, photos) }
  })
}

export function byDeadline(a: HazardView, b: HazardView): number {
  return (a.hazard.deadline ?? '9999') < (b.hazard.deadline ?? '9999') ? -1 : 1
}

export async function photosOfRow(row: WithPhotos): Promise<PhotoView[]> {
  return photosShown(row, await photoRecords([row]))
}

async function photoRecords(rows: readonly WithPhotos[]): Promise<Map<string, PhotoRecord>> {
  const hashes = [...new Set(rows.flatMap(({ photos }) => photos.map((photo) => photo.sha256)))]
  if (hashes.length === 0) return new Map()
  const records = await readUser(['photos'], (from) => from.many<PhotoRecord>('photos', hashes))
  return new Map(records.flatMap((record) => (record ? [[record.sha256, record] as const] : [])))
}

function photosShown({ id, photos }: WithPhotos, records: ReadonlyMap<string, PhotoRecord>): PhotoView[] {
  return photos.map((photo): PhotoView => {
    const record = records.get(photo.sha256)
    if (record) return photoView(record, { subject: id, role: photo.role })
    // taken on another phone: the station has it, this phone only knows its name
    return { sha256: photo.sha256, subject: id, role: photo.role, bytes: 0, width: 0, height: 0, at: photo.at ?? '', decoded: true, state: 'held' }
  })
}

export function inspectionView(inspection: InspectionRow, siteName: string, titles: ReadonlyMap<string, string>): InspectionView {
  return { inspection, site_name: siteName, checklist_title: titles.get(inspection.checklist) ?? inspection.checklist }
}
