// Room on the phone: figures for the storage line, and tidying. Nothing unsent is ever touched; receipted facts stay 30 days (days.ts),
// photos until the station's backup covers them, unless room runs out. It must not run while something is being sent, nor ask this
// phone's clock how old something is.

import type { PhotoReceipt } from '../contract/wire'
import { probe, withUser } from '../db/access'
import type { PhotoRecord, UserDatabase } from '../db/user'
import { daysHeard } from './days'
import { DISCARDED_DRAFT_KEPT_DAYS } from './drafts'
import { cacheMarks, isUncovered } from './rows'
import { loaded, type Loaded } from './loaded'
import { changed } from './signal'
import type { StorageFigures } from './types'
import { logAlarm } from './witness'

export const FACTS_KEPT_DAYS = 30
const LOOSE_PHOTO_KEPT_DAYS = 30
const FREED_BYTES_AIM = 20 * 1024 * 1024

export function useStorage(): Loaded<StorageFigures> {
  return loaded(['photos', 'facts'], async () => {
    const photos = await withUser((db) => db.photos.toArray())
    const kept = photos.filter((photo) => !photo.body_gone)
    const open = kept.filter((photo) => photo.state === 'held').length
    return {
      // quota is fiction in today's browsers: only usage is shown
      used_bytes: (await navigator.storage?.estimate?.().catch(() => null))?.usage ?? null,
      photos_bytes: kept.reduce((sum, photo) => sum + photo.bytes, 0),
      photos_kept: kept.length,
      persisted: (await navigator.storage?.persisted?.().catch(() => null)) ?? null,
      last_backup_words: open > 0 ? `${open} 张收妥的照片，等站里备份好再清` : '没有要清的照片',
    }
  })
}

export { probe }

/** Once per start: what has been safe for long enough goes. While the station's record is in doubt nothing is safe there. */
export async function tidy(): Promise<void> {
  if (await logAlarm()) return
  const { covered } = await cacheMarks()
  await withUser((db) =>
    db.transaction('rw', [db.facts, db.batches, db.photos, db.photoBodies, db.thumbs, db.photoUses, db.drafts, db.identity], async () => {
      const day = daysHeard(await db.identity.get('me'))
      await dropOldFacts(db, covered, day - FACTS_KEPT_DAYS)
      await dropDiscarded(db, day - DISCARDED_DRAFT_KEPT_DAYS)
      await dropLoosePhotos(db, day)
      await dropBackedUpBodies(db)
    }),
  )
}

/** Only receipted, old, shown by the station's rows, and with all photos received. `limit`: the day counted so long ago. */
async function dropOldFacts(db: UserDatabase, covered: number, limit: number): Promise<void> {
  const isOld = ({ receipted_day = 0 }: { receipted_day?: number }): boolean => receipted_day < limit
  const old = await db.facts.filter((fact) => fact.state === 'receipted' && isOld(fact) && !isUncovered(fact, covered)).toArray()
  const photos = new Map((await db.photos.bulkGet(old.flatMap((fact) => fact.photos))).flatMap((photo) => (photo ? [[photo.sha256, photo] as const] : [])))
  const safe = old.filter((fact) => fact.photos.every((hash) => photos.get(hash)?.state === 'held'))
  await db.facts.bulkDelete(safe.map((fact) => fact.id))
  await db.batches.filter((batch) => batch.state === 'receipted' && isOld(batch)).delete()
}

/** A draft she put aside, with its hold on its photos: those are loose from now on. */
async function dropDiscarded(db: UserDatabase, limit: number): Promise<void> {
  const gone = await db.drafts.filter(({ discarded_at, discarded_day = 0 }) => discarded_at !== null && discarded_day < limit).primaryKeys()
  await db.drafts.bulkDelete(gone)
  await db.photoUses.where('draft').anyOf(gone).delete()
}

/** Photos that no draft holds any more and that never became part of a fact, so long after that was seen first. */
async function dropLoosePhotos(db: UserDatabase, day: number): Promise<void> {
  for (const { sha256, loose_day } of await db.photos.where('state').equals('in_draft').toArray()) {
    const isHeld = (await db.photoUses.where('sha256').equals(sha256).count()) > 0
    const since = isHeld ? undefined : (loose_day ?? day)
    if (since === undefined || day - since <= LOOSE_PHOTO_KEPT_DAYS) {
      if (since !== loose_day) await db.photos.update(sha256, { loose_day: since })
      continue
    }
    await db.photos.delete(sha256)
    await db.photoBodies.delete(sha256)
    await db.thumbs.delete(sha256)
  }
}

async function dropBackedUpBodies(db: UserDatabase): Promise<void> {
  const { backed_up_to: covered = 0, backed_up_at: before } = (await db.identity.get('me')) ?? {}
  if (!before) return
  // a photo may come later than its fact: of those that came after the backup began, the backup has only the fact
  const inBackup = (photo: PhotoRecord): boolean => photo.log_size !== null && photo.log_size <= covered && receivedAt(photo) < before
  const safe = await db.photos.where('state').equals('held').filter((photo) => !photo.body_gone && inBackup(photo)).toArray()
  await dropBodies(db, safe)
}

/** By the station's clock, as its receipt says; after everything when there is none. */
function receivedAt({ receipt }: PhotoRecord): string {
  return receipt === null ? '9' : (JSON.parse(receipt) as PhotoReceipt).time
}

async function dropBodies(db: UserDatabase, photos: readonly PhotoRecord[]): Promise<void> {
  const inUse = new Set((await db.photoUses.where('sha256').anyOf(photos.map((photo) => photo.sha256)).toArray()).map((use) => use.sha256))
  const free = photos.filter((photo) => !inUse.has(photo.sha256)).map((photo) => photo.sha256)
  await db.photoBodies.bulkDelete(free)
  await db.photos.where('sha256').anyOf(free).modify({ body_gone: true })
}

/** The phone is full: bodies of photos with a signed receipt go, those that came to the station first before others. True if that made room. None goes during an alarm. */
export async function makeRoom(): Promise<boolean> {
  if (await logAlarm()) return false
  const freed = await withUser((db) =>
    db.transaction('rw', db.photos, db.photoBodies, db.photoUses, async () => {
      const held = await db.photos.where('state').equals('held').filter((photo) => !photo.body_gone && photo.receipt !== null).toArray()
      held.sort((a, b) => (receivedAt(a) < receivedAt(b) ? -1 : 1)) // the longer it is there, the likelier a backup has it
      let bytes = 0
      const chosen = held.filter((photo) => {
        const wanted = bytes < FREED_BYTES_AIM
        bytes += photo.bytes
        return wanted
      })
      await dropBodies(db, chosen)
      return chosen.length
    }),
  )
  if (freed > 0) changed('photos')
  return freed > 0
}
