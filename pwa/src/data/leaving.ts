// A person's records leave this phone: because she asks for it, or because the station switched her enrolment off. Only what the station
// has signed for and has in a backup goes, and only all of it at once; whatever else there is stays, and says why.
// It must not decide that unsent work may go: nobody can.

import { clearSpace, inSpace } from '../db/spaces'
import { spaceHere } from '../db/space'
import type { FactRecord, IdentityRecord, PhotoRecord, UserDatabase } from '../db/user'
import { daysHeard } from './days'
import { changeTo, peopleHere } from './people'
import { enterPin } from './pin'
import { Refusal, attempt } from './outcome'
import { forgetRows } from './applied_rows'
import { cacheMarks } from './rows'
import { changed } from './signal'
import { FACTS_KEPT_DAYS } from './storage'
import type { Outcome } from './types'
import { logAlarm } from './witness'

/** the setting that an emptied space keeps: why it is empty */
export const LEFT = 'left'

const WORDS = {
  unsent: (count: number) => `还有 ${count} 样没交上去（上交那一页看得到）。先上交，或者导出到文件，收条回来以后再移除`,
  drafts: (count: number) => `还有 ${count} 份没做完的。做完交上去，或者收起来，再移除`,
  unknown: '站里现在不认得这部手机，手机上的先留着。请站里重新发登记码',
  doubt: '站里的记录正在核对，手机上的先留着',
  no_backup: '都交上去了，站里还没备份到这些。等站里备份好（有信号时会知道）再移除',
} as const

interface Held {
  identity: IdentityRecord
  outbox: number
  drafts: number
  facts: readonly FactRecord[]
  photos: readonly PhotoRecord[]
}

/** Why they have to stay; null: the station has everything, signed and backed up. Pure. */
export function whyStay({ identity, outbox, drafts, facts, photos }: Held): string | null {
  const unsigned = facts.filter(({ state }) => state !== 'receipted').length + photos.filter(({ state }) => state === 'waiting' || state === 'parked').length
  if (outbox > 0 || unsigned > 0) return WORDS.unsent(Math.max(outbox, unsigned))
  if (drafts > 0) return WORDS.drafts(drafts)
  if (identity.signed_out) return WORDS.unknown
  const { backed_up_to: covered, backed_up_at: before } = identity
  // as long as any other fact stays on a phone (storage.ts): stations without a backup have had it all that time
  const isOld = ({ receipted_day = 0 }: FactRecord): boolean => receipted_day < daysHeard(identity) - FACTS_KEPT_DAYS
  const young = facts.filter((fact) => !isOld(fact))
  const facts_covered = young.every(({ log_size }) => log_size !== null && log_size <= covered)
  const named = new Set(young.flatMap((fact) => fact.photos))
  const inBackup = ({ log_size, receipt }: PhotoRecord): boolean =>
    log_size !== null && log_size <= covered && Boolean(before) && receipt !== null && (JSON.parse(receipt) as { time: string }).time < String(before)
  const photos_covered = photos.every((photo) => photo.state !== 'held' || photo.body_gone || !named.has(photo.sha256) || inBackup(photo))
  return facts_covered && photos_covered ? null : WORDS.no_backup
}

async function heldIn(db: UserDatabase): Promise<Held | null> {
  const [identity, outbox, drafts, facts, photos] = await Promise.all([
    db.identity.get('me'), db.outbox.count(), db.drafts.filter(({ discarded_at }) => discarded_at === null).count(), db.facts.toArray(), db.photos.toArray(),
  ])
  return identity ? { identity, outbox, drafts, facts, photos } : null
}

/** Looks and empties in one transaction: what is recorded meanwhile is not overlooked. The sentence when something has to stay. */
async function leave(left: string): Promise<string | null> {
  if (await logAlarm()) return WORDS.doubt
  const space = spaceHere()
  const kept = await inSpace(space, (db) =>
    db.transaction('rw', db.tables, async () => {
      const held = await heldIn(db)
      const why = held && whyStay(held)
      if (why !== null) return why
      const phone = await db.settings.get('phone')
      await Promise.all(db.tables.map((table) => table.clear()))
      if (phone) await db.settings.put(phone)
      await db.settings.put({ name: LEFT, value: left })
      return null
    }),
  )
  if (kept === null) await clearSpace(space)
  return kept
}

/** She takes herself off this phone; the others stay as they are. */
export async function removeMe(pin: string): Promise<Outcome<null>> {
  return attempt(async () => {
    const entered = await enterPin(pin)
    if (!entered.ok) throw new Refusal('pin_wrong', entered.words)
    const others = (await peopleHere()).filter(({ here }) => !here)
    const why = await leave('removed')
    if (why !== null) throw new Refusal('not_handed_over', why)
    if (others[0]) await changeTo(others[0].space)
    return null
  })
}

/**
 * The station switched her enrolment off. What came from the station goes as soon as nothing here is open any more; her own records when
 * they are handed over and backed up; until then they lie where they are and can be exported.
 */
export async function leaveRevoked(): Promise<void> {
  const held = await inSpace(spaceHere(), heldIn)
  if (!held?.identity.revoked || held.outbox + held.drafts > 0) return
  if ((await cacheMarks()).cursor !== null) {
    await forgetRows()
    changed('rows')
  }
  if ((await leave('revoked')) === null) changed('identity', 'facts', 'photos', 'drafts', 'settings')
}

/** What an emptied phone says to whoever opens it next; null: it was never anybody's, or is somebody's. */
export async function whyEmpty(): Promise<string | null> {
  const left = await inSpace(spaceHere(), async (db) => (await db.identity.count() ? undefined : await db.settings.get(LEFT)))
  if (left?.value === 'revoked') return '原来的登记已停用。记的都已交到站里收好，已从这部手机清掉'
  return left ? '原来的人已移除，记的都在站里' : null
}
