// After the station was restored from a backup (a new epoch), it may lack what it once gave a receipt for. This phone takes back into
// its outbox whatever it still has beyond the restored log, of every enrolment it ever had. That must not run without a new epoch.
// And it keeps the station's words by which earlier enrolments are known again.

import { withUser } from '../db/access'
import type { FactRecord, IdentityRecord, OutboxRecord, PhotoRecord, UserDatabase } from '../db/user'
import { changed } from './signal'

export interface Restored {
  /** log size that was restored, of the epoch this phone knew; 0 when that is not the one it knew */
  size: number
  enrolment: string
  n_received: number
}

/** How many facts wait again. May run any number of times. */
export async function handOverAgain(restored: Restored): Promise<number> {
  const count = await withUser((db) =>
    db.transaction('rw', [db.facts, db.photos, db.outbox, db.batches], async () => {
      const lacking = await db.facts.filter((fact) => isLacking(fact, restored)).toArray()
      await db.facts.bulkUpdate(lacking.map(({ id }) => ({ key: id, changes: { state: 'unsent' as const, batch: null, receipted_at: null, log_size: null } })))
      const photos = await takeBackPhotos(db, new Set(lacking.flatMap((fact) => fact.photos)))
      await db.outbox.bulkPut([...lacking.map(factEntry), ...photos.map(photoEntry)])
      return lacking.length
    }),
  )
  if (count > 0) changed('facts', 'photos')
  return count
}

/** Its receipt names a log larger than the one that is left, or the station says it has not got so far. */
function isLacking(fact: FactRecord, { size, enrolment, n_received }: Restored): boolean {
  if (fact.state !== 'receipted') return false
  return (fact.log_size ?? size + 1) > size || (fact.enrolment === enrolment && fact.n > n_received)
}

/** A photo set aside too: the restored station did not know its record when it was asked, or hears the bytes with other ears. */
const ASKED_AGAIN: ReadonlySet<string> = new Set<PhotoRecord['state']>(['held', 'waiting', 'parked'])

/** Every photo whose bytes are here is asked about again: its fact may be in the backup while the photo came later. */
async function takeBackPhotos(db: UserDatabase, ofLacking: ReadonlySet<string>): Promise<PhotoRecord[]> {
  const here = await db.photos.filter((photo) => !photo.body_gone && ASKED_AGAIN.has(photo.state)).toArray()
  // `held_at` stays: it tells the sender to ask before it sends a byte
  const again = here.map((photo) => ({
    ...photo, state: 'waiting' as const, hash_failures: 0, words: null, log_size: ofLacking.has(photo.sha256) ? null : photo.log_size,
  }))
  await db.photos.bulkPut(again)
  return again
}

const factEntry = (fact: FactRecord): OutboxRecord => ({ key: `fact:${fact.id}`, kind: 'fact', ref: fact.id, created_at: fact.at })
const photoEntry = (photo: PhotoRecord): OutboxRecord => ({ key: `photo:${photo.sha256}`, kind: 'photo', ref: photo.sha256, created_at: photo.at })

// ---- earlier enrolments ------------------------------------------------------------------------

export type Statement = NonNullable<IdentityRecord['statement']>

const STATEMENTS = 'earlier_statements'
/** more than a browser is ever enrolled; beyond it the oldest go, and what was written under them would need the chief's word */
const STATEMENTS_MAX = 100

/** The station's words for every enrolment of this browser, oldest first; of one enrolment the one told last. */
export async function statements(running: Statement | null): Promise<Statement[]> {
  const stored = await withUser((db) => db.settings.get(STATEMENTS))
  const earlier = (stored?.value as unknown as Statement[] | undefined) ?? []
  if (!running) return earlier
  return [...earlier.filter((each) => enrolmentOf(each) !== enrolmentOf(running)), running]
}

export async function keepStatement(statement: Statement): Promise<void> {
  const kept = (await statements(statement)).slice(-STATEMENTS_MAX)
  await withUser((db) => db.settings.put({ name: STATEMENTS, value: kept as never }))
}

const enrolmentOf = ({ text }: Statement): string => (JSON.parse(text) as { enrolment: string }).enrolment
