// Circles and arrows on a photo of a draft: kept beside the photo, never in it, and part of the statement when it is saved.

import { MARKS_PER_PHOTO_MAX } from '../contract/limits'
import type { PhotoMark } from '../contract/wire'
import { withUser } from '../db/access'
import { Refusal, attempt } from './outcome'
import { slotKey } from './photo_store'
import { changed } from './signal'
import type { Outcome, PhotoSlot } from './types'

/** One more mark on the photo; it is on the disk when this returns. */
export async function addMark(slot: PhotoSlot, sha256: string, mark: PhotoMark): Promise<Outcome<PhotoMark[]>> {
  return changeMarks(slot, sha256, (marks) => {
    if (marks.length >= MARKS_PER_PHOTO_MAX) throw new Refusal('marks_full', `一张照片上最多画 ${MARKS_PER_PHOTO_MAX} 处，先撤销一处`)
    return [...marks, { shape: mark.shape, box: [...mark.box] }]
  })
}

/** The last one goes. */
export async function undoMark(slot: PhotoSlot, sha256: string): Promise<Outcome<PhotoMark[]>> {
  return changeMarks(slot, sha256, (marks) => marks.slice(0, -1))
}

async function changeMarks(slot: PhotoSlot, sha256: string, change: (marks: PhotoMark[]) => PhotoMark[]): Promise<Outcome<PhotoMark[]>> {
  return attempt(async () => {
    const marks = await withUser((db) =>
      db.transaction('rw', [db.photoUses], async () => {
        const use = await db.photoUses.get(slotKey(slot, sha256))
        if (!use) throw new Refusal('draft_gone', '这一份已经交出，照片上不能再画了')
        const next = change(use.marks ?? [])
        await db.photoUses.put({ ...use, marks: next })
        return next
      }),
    )
    changed('photos')
    return marks
  })
}
