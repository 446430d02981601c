// After the station was restored from a backup (a new epoch), it may lack what it once gave a receipt for.
// This phone hands over again everything it still has beyond what the station says it received. It must not run without a new epoch.

import { withUser } from '../db/access'
import type { OutboxRecord } from '../db/user'
import { changed } from './signal'

export async function handOverAgain(enrolment: string, epoch: number, nReceived: number): Promise<number> {
  const count = await withUser((db) =>
    db.transaction('rw', [db.facts, db.photos, db.outbox, db.identity], async () => {
      const lacking = await db.facts.filter((fact) => fact.enrolment === enrolment && fact.n > nReceived && fact.state === 'receipted').toArray()
      await db.facts.bulkUpdate(lacking.map(({ id }) => ({ key: id, changes: { state: 'unsent' as const, batch: null, receipted_at: null, log_size: null } })))
      const named = await db.photos.bulkGet([...new Set(lacking.flatMap((fact) => fact.photos))])
      const photos = named.flatMap((photo) => (photo && !photo.body_gone ? [photo] : []))
      await db.photos.bulkPut(photos.map((photo) => ({ ...photo, state: 'waiting' as const, log_size: null, preview_sent: false })))
      const entries: OutboxRecord[] = [
        ...lacking.map((fact): OutboxRecord => ({ key: `fact:${fact.id}`, kind: 'fact', ref: fact.id, created_at: fact.at })),
        ...photos.map((photo): OutboxRecord => ({ key: `photo:${photo.sha256}`, kind: 'photo', ref: photo.sha256, created_at: photo.at })),
      ]
      await db.outbox.bulkPut(entries)
      await db.identity.update('me', { epoch })
      return lacking.length
    }),
  )
  if (count > 0) changed('facts', 'photos')
  return count
}
