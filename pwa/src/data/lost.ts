// A photo that can never arrive (its bytes are gone from this phone) becomes a fact, so that nobody waits for it: 照片缺失.
// It must not be used while the bytes are still here.

import { withUser } from '../db/access'
import { now } from '../lib/time'
import { uuid7 } from '../lib/uuid7'
import { commitPlan } from './finish'
import { changed } from './signal'

const KIND = 'photo.lost'

/** `asked`: what the station says of it, for when the fact itself has long been tidied away here. */
export async function declareLost(sha256: string, reason: string, asked: { subject: string; fact: string } | null = null): Promise<void> {
  const own = await withUser((db) => db.facts.where('photos').equals(sha256).first())
  const about = own ?? (asked && { id: asked.fact, subject: asked.subject, site: null, title: '' })
  const said = await withUser((db) => db.facts.filter((fact) => fact.kind === KIND && fact.line.includes(sha256)).count())
  if (about && said === 0) {
    await commitPlan({
      id: uuid7(now()), kind: KIND, subject: about.subject, after: [about.id], site: about.site, title: `照片缺失${about.title && `：${about.title}`}`,
      fields: { sha256, reason }, photos: [],
    })
  }
  await withUser((db) =>
    db.transaction('rw', db.photos, db.outbox, async () => {
      await db.photos.update(sha256, { state: 'lost', words: reason })
      await db.outbox.delete(`photo:${sha256}`)
    }),
  )
  changed('photos', 'facts')
}
