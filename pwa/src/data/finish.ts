// Finishing: a draft becomes facts, photos and outbox entries, and stops being a draft, in one strict transaction or not at all.
// It must not judge whether a visit is complete; the screen and the chief do.

import type { JsonObject } from '../contract/wire'
import { withUser } from '../db/access'
import type { FactRecord, IdentityRecord, OutboxRecord, PhotoUseRecord, UserDatabase } from '../db/user'
import { hex } from '../lib/bytes'
import { instant, now } from '../lib/time'
import { uuid7 } from '../lib/uuid7'
import { forgetKeeper, readDraft, settleDraft } from './drafts'
import { planInspection, planStep, writeFacts, type FactPlan, type PhotoInSlot } from './facts'
import { nextNumber, ownIdentity, stationDay } from './identity'
import { Refusal, attempt } from './outcome'
import { photosSettled } from './photos'
import { ports } from './ports'
import { currentFix } from './position'
import { headsAfter, ownFactsOf, row } from './rows'
import { changed } from './signal'
import { stepTitle } from './titles'
import type { Draft, Outcome, StepDraft } from './types'

const NUMBER_TRIES_MAX = 5
const SALT_BYTES = 16

export interface Finished {
  facts: number
  photos: number
  hazards: string[]
  words: string
}

export async function finishDraft(id: string): Promise<Outcome<Finished>> {
  return attempt(async () => {
    await photosSettled()
    if (!(await settleDraft(id))) throw new Refusal('draft_unsaved', '刚才写的还没存进手机，请再点一次', true)
    const draft = await readDraft(id)
    if (!draft) throw new Refusal('draft_gone', '这一份已经交出或收起')
    const photos = await photosInDraft(id)
    const records = await commitFacts(await plansOf(draft, photos), { draft, photos: told(photos) })
    forgetKeeper(id)
    changed('drafts', 'facts', 'photos')
    ports.wake('new')
    const hazards = records.filter((record) => record.kind === 'hazard.found').map((record) => record.subject)
    return { facts: records.length, photos: photos.length, hazards, words: '已存好，有信号时自动上交' }
  })
}

async function photosInDraft(draft: string): Promise<PhotoInSlot[]> {
  return withUser(async (db) => {
    const uses: PhotoUseRecord[] = await db.photoUses.where('draft').equals(draft).toArray()
    const records = await db.photos.bulkGet(uses.map((use) => use.sha256))
    return uses
      .sort((a, b) => (a.at < b.at ? -1 : 1))
      .map((use) => ({ ...use, bytes: records.find((record) => record?.sha256 === use.sha256)?.bytes ?? 0 }))
  })
}

async function plansOf(draft: Draft, photos: PhotoInSlot[]): Promise<FactPlan[]> {
  const at = now()
  const ids = (): string => uuid7(at)
  if (draft.type === 'step') {
    // what the form showed when it was opened, moved on by what this phone said since
    const after = headsAfter(draft.seen, await ownFactsOf(draft.subject))
    return [planStep({ draft, photos, after, title: await stepTitle(draft), id: ids(), row: await subjectOf(draft) })]
  }
  const identity = await withUser(ownIdentity)
  const site = await row('site', draft.site)
  return planInspection({ draft, photos, finished_at: instant(at), day: stationDay(identity, at), site_name: site?.name ?? '', ids })
}

/** One statement without a draft of its own (a new site, a feedback): the same single transaction. */
export async function commitStep(step: StepDraft): Promise<FactRecord[]> {
  return commitPlan(planStep({ draft: step, photos: [], after: step.seen, title: await stepTitle(step), id: uuid7(now()), row: await subjectOf(step) }))
}

async function subjectOf({ kind, subject }: StepDraft): Promise<JsonObject | null> {
  const family = kind.slice(0, kind.indexOf('.'))
  if (family !== 'site' && family !== 'inspection' && family !== 'hazard') return null
  return (await row(family, subject)) as JsonObject | null
}

export async function commitPlan(plan: FactPlan): Promise<FactRecord[]> {
  const records = await commitFacts([plan], null)
  changed('facts')
  ports.wake('new')
  return records
}

/** The draft that is given up for the facts, as it was when they were planned. */
interface Given {
  draft: Draft
  /** what was said of its photos then: a mark drawn meanwhile must not be lost */
  photos: string
}

function told(uses: readonly Pick<PhotoUseRecord, 'subject' | 'role' | 'sha256' | 'marks'>[]): string {
  return uses.map(({ subject, role, sha256, marks }) => JSON.stringify([subject, role, sha256, marks ?? []])).sort().join()
}

/** Lines are hashed outside the transaction and carry their number: if another tab took it meanwhile, they are made again. */
async function commitFacts(plans: FactPlan[], given: Given | null): Promise<FactRecord[]> {
  for (let tries = 0; tries < NUMBER_TRIES_MAX; tries++) {
    const [identity, first] = await withUser(async (db) => [await ownIdentity(db), await nextNumber(db)] as const)
    const records = await writeFacts(plans, maker(identity, first))
    if (await commit(records, first, given)) return records
  }
  throw new Refusal('busy', '别的页面正在存，请再点一次', true)
}

function maker(identity: IdentityRecord, first: number): Parameters<typeof writeFacts>[1] {
  const at = now()
  const salt = (): string => hex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)))
  return { identity, at: instant(at), where: currentFix(at), first_n: first, salt }
}

/** False when the numbers were taken by another tab. Safe to run again: a commit whose answer was lost is recognised. */
async function commit(records: FactRecord[], first: number, given: Given | null): Promise<boolean> {
  return withUser((db) =>
    db.transaction('rw', [db.facts, db.photos, db.photoUses, db.outbox, db.identity, db.counters, db.drafts, db.captureIntents], async () => {
      if (records[0] && (await db.facts.get(records[0].id))) return true
      const identity = await ownIdentity(db)
      if ((await nextNumber(db)) !== first || identity.enrolment !== records[0]?.enrolment) return false
      if (given) await takeDraft(db, given)
      await db.facts.bulkAdd(records)
      await db.outbox.bulkPut(await outboxFor(db, records))
      await db.counters.put({ key: 'counter', enrolment: identity.enrolment, next_n: first + records.length })
      return true
    }),
  )
}

async function takeDraft(db: UserDatabase, { draft, photos }: Given): Promise<void> {
  const stored = await db.drafts.get(draft.id)
  if (!stored || stored.discarded_at !== null) throw new Refusal('draft_gone', '这一份已经交出或收起')
  const uses = await db.photoUses.where('draft').equals(draft.id).toArray()
  if (stored.revision > draft.revision || told(uses) !== photos) throw new Refusal('draft_changed', '这一份刚在别的页面改过，请再点一次', true)
  await db.photoUses.where('draft').equals(draft.id).delete()
  await db.drafts.delete(draft.id)
  await db.captureIntents.clear()
}

async function outboxFor(db: UserDatabase, records: FactRecord[]): Promise<OutboxRecord[]> {
  const created_at = records[0]?.at ?? ''
  const facts = records.map(({ id }): OutboxRecord => ({ key: `fact:${id}`, kind: 'fact', ref: id, created_at }))
  const hashes = [...new Set(records.flatMap((record) => record.photos))]
  const photos = (await db.photos.bulkGet(hashes)).flatMap((photo) => (photo && photo.state !== 'held' ? [photo] : []))
  await db.photos.bulkPut(photos.map((photo) => ({ ...photo, state: 'waiting' as const })))
  return [...facts, ...photos.map(({ sha256 }): OutboxRecord => ({ key: `photo:${sha256}`, kind: 'photo', ref: sha256, created_at }))]
}
