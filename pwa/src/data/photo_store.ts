// Photos in the database: body, thumbnail and facts about them in separate stores, named by SHA-256.
// Lists never touch a body. It must not know how a photo was made.

import type { PhotoSource } from '../contract/wire'
import { withUser } from '../db/access'
import type { PhotoRecord, PhotoUseRecord } from '../db/user'
import { Refusal } from './outcome'
import { changed } from './signal'
import type { PhotoSlot, PhotoView } from './types'
import type { Made } from './photo_maker'

export const slotKey = ({ draft, subject, role }: PhotoSlot, sha256: string): [string, string, string, string] => [draft, subject, role, sha256]

/** When it came, by this phone's clock, and whence. */
export interface Kept {
  at: string
  source?: PhotoSource | undefined
}

/** Body, thumbnail, record and place in the draft, and with the `last` photo the end of the capture intent: in one strict transaction. */
export async function storePhoto(slot: PhotoSlot & Kept, photo: Made, last: () => boolean): Promise<PhotoView> {
  const record = recordFor(photo, slot.at)
  const use: PhotoUseRecord = { ...slot, sha256: photo.sha256 }
  const kept = await withUser((db) =>
    db.transaction('rw', [db.photos, db.photoBodies, db.thumbs, db.photoUses, db.captureIntents, db.drafts], async () => {
      const draft = await db.drafts.get(slot.draft)
      if (!draft || draft.discarded_at !== null) throw new Refusal('draft_gone', '这一份已经交出或收起，照片没有放进去')
      const known = await db.photos.get(photo.sha256)
      await db.photoBodies.put({ sha256: photo.sha256, body: photo.body })
      await db.thumbs.put({ sha256: photo.sha256, thumb: photo.thumb, preview: photo.preview })
      // the same picture again: what is known of it (a receipt, say) stays
      const next = known ? { ...known, body_gone: false } : record
      await db.photos.put(next)
      await db.photoUses.put(use)
      if (last()) await db.captureIntents.clear()
      return next
    }),
  )
  changed('photos')
  return photoView(kept, use)
}

function recordFor(photo: Made, at: string): PhotoRecord {
  return {
    sha256: photo.sha256,
    bytes: photo.body.byteLength,
    width: photo.width,
    height: photo.height,
    decoded: photo.decoded,
    at,
    state: 'in_draft',
    receipt: null,
    signature: null,
    held_at: null,
    log_size: null,
    body_gone: false,
    preview_sent: photo.preview.byteLength === 0, // nothing to send ahead
    hash_failures: 0,
    words: null,
  }
}

export function photoView(record: PhotoRecord, use: Pick<PhotoUseRecord, 'subject' | 'role' | 'source' | 'marks'> & { at?: string }): PhotoView {
  const { sha256, bytes, width, height, decoded, state } = record
  return { sha256, subject: use.subject, role: use.role, bytes, width, height, at: use.at ?? record.at, decoded, state, ...(use.source && { source: use.source }), ...(use.marks?.length && { marks: use.marks }) }
}

export async function photosOfDraft(draft: string): Promise<PhotoView[]> {
  return withUser(async (db) => {
    const uses = await db.photoUses.where('draft').equals(draft).toArray()
    const records = await db.photos.bulkGet(uses.map((use) => use.sha256))
    const views = uses.flatMap((use, index) => {
      const record = records[index]
      return record ? [photoView(record, use)] : []
    })
    return views.sort((a, b) => (a.at < b.at ? -1 : 1))
  })
}

/** Takes a photo out of a draft; its bytes go only when no draft and no fact names it. */
export async function unlinkPhoto(slot: PhotoSlot, sha256: string): Promise<void> {
  await withUser((db) =>
    db.transaction('rw', [db.photos, db.photoBodies, db.thumbs, db.photoUses], async () => {
      await db.photoUses.delete(slotKey(slot, sha256))
      const elsewhere = await db.photoUses.where('sha256').equals(sha256).count()
      const record = await db.photos.get(sha256)
      if (elsewhere > 0 || record?.state !== 'in_draft') return
      await db.photos.delete(sha256)
      await db.photoBodies.delete(sha256)
      await db.thumbs.delete(sha256)
    }),
  )
  changed('photos')
}

export async function photoBytes(sha256: string, size: 'thumb' | 'full'): Promise<ArrayBuffer | null> {
  return withUser(async (db) => {
    if (size === 'full') {
      const body = await db.photoBodies.get(sha256)
      if (body) return body.body
    }
    const small = await db.thumbs.get(sha256)
    const bytes = size === 'full' ? small?.preview : small?.thumb
    return bytes && bytes.byteLength > 0 ? bytes : null
  })
}
