// What is still only on this phone. Figures come with a finished sentence.
// It must not send or settle anything (handover.ts).

import { QUARANTINE_WORDS } from '../contract/problems'
import { readUser, withUser } from '../db/access'
import type { Reading } from '../db/reading'
import type { FactRecord, OutboxRecord, PhotoRecord } from '../db/user'
import { ahead, loaded, type Loaded } from './loaded'
import { changed } from './signal'
import { kindWords } from './titles'
import { ports } from './ports'
import { attempt } from './outcome'
import type { OutboxFigures, OutboxItem, Outcome } from './types'
import { asWritten } from './own_order'

export interface OutboxList {
  items: OutboxItem[]
  figures: OutboxFigures
}

const TOPICS = ['facts', 'photos'] as const
const readOutbox = (): Promise<OutboxList> => readUser(['outbox', 'facts', 'photos'], outboxFrom)

export const outboxAhead = ahead(TOPICS, readOutbox)

export function useOutbox(): Loaded<OutboxList> {
  return loaded(TOPICS, readOutbox, outboxAhead)
}

async function outboxFrom(from: Reading): Promise<OutboxList> {
  const waiting = await from.all<OutboxRecord>('outbox')
  const wantedPhotos = new Set(waiting.filter((entry) => entry.kind === 'photo').map((entry) => entry.ref))
  const factIds = new Set(waiting.filter((entry) => entry.kind === 'fact').map((entry) => entry.ref))
  const facts = await shownFacts(from, factIds, wantedPhotos)
  const records = await from.many<PhotoRecord>('photos', [...new Set(facts.flatMap((fact) => fact.photos))])
  const photos = new Map(records.flatMap((record) => (record ? [[record.sha256, record] as const] : [])))
  const items = facts.map((fact) => outboxItem(fact, photos)).reverse()
  return { items, figures: figures(facts.filter((fact) => factIds.has(fact.id)), [...wantedPhotos].flatMap((hash) => photos.get(hash) ?? [])) }
}

/** Not settled, set aside, in quarantine, or with photos still to go; oldest first. */
async function shownFacts(from: Reading, unsettled: ReadonlySet<string>, photos: ReadonlySet<string>): Promise<FactRecord[]> {
  const found = await Promise.all([
    from.many<FactRecord>('facts', [...unsettled]),
    from.all<FactRecord>('facts', IDBKeyRange.lowerBound('', true), 'parked'),
    from.all<FactRecord>('facts', IDBKeyRange.bound('quarantined', 'quarantined\uffff'), 'verdict'),
    Promise.all([...photos].map((hash) => from.all<FactRecord>('facts', hash, 'photos'))).then((each) => each.flat()),
  ])
  const unique = new Map(found.flat().flatMap((fact) => (fact ? [[fact.id, fact] as const] : [])))
  return asWritten(unique.values())
}

function outboxItem(fact: FactRecord, photos: ReadonlyMap<string, PhotoRecord>): OutboxItem {
  const own = fact.photos.flatMap((hash) => photos.get(hash) ?? [])
  const parked = own.find((photo) => photo.state === 'parked')
  return {
    id: fact.id,
    kind: fact.kind,
    subject: fact.subject,
    site: fact.site,
    title: fact.title || kindWords(fact.kind),
    at: fact.at,
    n: fact.n,
    state: fact.state,
    photos_total: fact.photos.length,
    photos_held: own.filter((photo) => photo.state === 'held').length,
    words: fact.parked ?? verdictWords(fact.verdict) ?? parked?.words ?? null,
  }
}

/** What nobody at the station can let count: it has to be recorded once more. */
const HOPELESS = ['unreadable', 'foreign_station', 'id_reused']

/** Why, and what to do; null for what the station simply took. */
export function verdictWords(verdict: string | null): string | null {
  if (!verdict?.startsWith('quarantined')) return null
  const reason = verdict.split(':')[1] ?? ''
  const why = QUARANTINE_WORDS[reason] ?? ''
  return HOPELESS.includes(reason) ? `站里收着，但不能算数，请另记一条。${why}` : `站里收着，还没并入台账，等管理员处理，不用重写。${why}`
}

function figures(facts: readonly FactRecord[], photos: readonly PhotoRecord[]): OutboxFigures {
  const inspections = facts.filter((fact) => fact.kind === 'inspection.submitted').length
  const sending = photos.filter((photo) => photo.state !== 'held')
  return {
    inspections,
    facts: facts.length,
    photos: sending.length,
    bytes: sending.reduce((sum, photo) => sum + photo.bytes, 0),
    oldest_at: [...facts, ...sending].map(({ at }) => at).sort()[0] ?? null,
    parked: facts.filter((fact) => fact.parked !== null).length + sending.filter((photo) => photo.state === 'parked').length,
    words: outboxWords(inspections, facts.length, sending.length),
  }
}

function outboxWords(inspections: number, facts: number, photos: number): string {
  if (facts === 0 && photos === 0) return '都已上交，站里已收到'
  if (facts === 0) return `文字站里已收到，还有 ${photos} 张照片没传完`
  const what = inspections > 0 ? `${inspections} 份检查` : `${facts} 条记录`
  return `${what}${photos > 0 ? `、${photos} 张照片` : ''}只在这部手机里`
}

/** Parked things are tried again only when a person says so. */
export async function tryParkedAgain(): Promise<Outcome<null>> {
  return attempt(async () => {
    await withUser((db) =>
      db.transaction('rw', db.facts, db.photos, async () => {
        await db.facts.where('parked').above('').modify({ parked: null })
        await db.photos.where('state').equals('parked').modify({ state: 'waiting', hash_failures: 0, words: null })
      }),
    )
    changed('facts', 'photos')
    ports.wake('manual')
    return null
  })
}
