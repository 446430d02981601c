// Photos that have been on their way for so long that somebody may have to say they will never come. Pure.

import type { Entry, Photo } from '../data/types'

export const PHOTO_LATE_DAYS = 7
const DAY_MS = 86_400_000

/** A row whose photos may be said to be lost. */
export interface PhotoOwner {
  id: string
  heads?: string[]
  photos: readonly { sha256: string; lost?: string | null }[]
}
export interface LatePhoto {
  photo: Photo
  owner: PhotoOwner
}

/** Counted by the station's clock, from when it was told of the photo: the phone's clock may be wrong. */
export function latePhotos(photos: readonly Photo[], owners: readonly PhotoOwner[], timeline: readonly Entry[], now: Date): LatePhoto[] {
  const latest = new Date(now.getTime() - PHOTO_LATE_DAYS * DAY_MS).toISOString()
  return photos.flatMap((photo) => {
    const owner = owners.find((each) => each.id === photo.subject)
    const said = owner?.photos.find((each) => each.sha256 === photo.sha256)
    const told = timeline.filter((entry) => entry.photos.some((each) => each.sha256 === photo.sha256)).map((entry) => entry.received_at).sort()[0]
    return !photo.held && owner && !said?.lost && told !== undefined && told < latest ? [{ photo, owner }] : []
  })
}
