// The station lost a photo it had acknowledged and asks for it again: whoever still has the bytes sends them, whoever cleared them says
// so. It must not run without being asked, and never touches a photo that is still on its way.

import { withUser } from '../db/access'
import { declareLost } from './lost'
import { changed } from './signal'

export interface WantedAgain {
  sha256: string
  subject: string
  fact: string
}

/** a station that asks for ever for what it has must not keep the phone busy */
const TIMES_MAX = 2
const times = new Map<string, number>()
// stays Chinese: recorded as the reason
const WORDS_CLEARED = '站里丢了这张照片，手机上的早先收妥后已经清掉了'

/** How many wait to be sent now that did not before. */
export async function askedAgain(wanted: readonly WantedAgain[]): Promise<number> {
  let waiting = 0
  for (const each of wanted) {
    const found = await withUser((db) => db.photos.get(each.sha256))
    if (found?.state !== 'held') continue // another phone's, on its way already, or known to be gone
    const before = times.get(each.sha256) ?? 0
    if (before >= TIMES_MAX) continue // until the app starts anew
    times.set(each.sha256, before + 1)
    if (await sendAgain(each.sha256)) waiting += 1
    else await declareLost(each.sha256, WORDS_CLEARED, each)
  }
  if (waiting > 0) changed('photos')
  return waiting
}

async function sendAgain(sha256: string): Promise<boolean> {
  return withUser((db) =>
    db.transaction('rw', db.photos, db.photoBodies, db.outbox, async () => {
      const [record, body] = await Promise.all([db.photos.get(sha256), db.photoBodies.get(sha256)])
      if (!record || !body) return false
      // its fact has been received: the station knows the photo, whatever log size was noted here
      await db.photos.put({ ...record, state: 'waiting', receipt: null, signature: null, held_at: null, hash_failures: 0, words: null, log_size: record.log_size ?? 0 })
      await db.outbox.put({ key: `photo:${sha256}`, kind: 'photo', ref: sha256, created_at: record.at })
      return true
    }),
  )
}
