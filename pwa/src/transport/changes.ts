// Fetching what changed: rows, facts and decisions after the cursor, or a fresh snapshot when the scope changed.
// Every answer's head is checked against the last one seen: this phone is a witness. It must not touch anything of one's own.

import type { Changes, SnapshotPage, Trailer } from '../contract/wire'
import { askedAgain } from '../data/asked_again'
import { withToday } from '../data/days'
import { accountFields, clockOffset, toldRescueKey } from '../data/enrol'
import { me, updateIdentity } from '../data/identity'
import { applyRows, arrivingFor, clearedIdleStore } from '../data/applied_rows'
import { cacheMarks, type Arriving, type CacheMarks } from '../data/rows'
import { admittedLater } from '../data/handover'
import { briefSites } from '../data/site_brief_maker'
import { changed } from '../data/signal'
import { instant, now } from '../lib/time'
import { ask } from './client'
import { fault, type Done, type Failure, type Result } from './results'
import { watchLog } from './witness'

export const CHANGES_PER_PAGE = 500
const PAGES_MAX = 10_000
/** entries of the log; more than a day of a large station */
const SINCE_BACKUP_MAX = 2_000
const NEEDS_SNAPSHOT = new Set(['scope-changed', 'bad-cursor'])

export interface Fetched {
  ok: true
  /** a sentence when the station's log is not the one it was */
  doubt: string | null
  /** own facts that a restored station lacks and that wait again */
  reopened: number
}

export async function fetchChanges(): Promise<Fetched | { ok: false; failure: Failure }> {
  const fetched: Fetched = { ok: true, doubt: null, reopened: 0 }
  for (let page = 0; page < PAGES_MAX; page++) {
    const { cursor, enrolment } = await cacheMarks()
    const own = (await me())?.enrolment ?? null
    // a cursor of an earlier enrolment has passed what only this one may see
    const another = enrolment !== null && enrolment !== own
    // a new phone begins with the rows as they are; years of facts would take a morning
    const result = cursor === null || another ? null : await askChanges(cursor)
    if (result === null || (result.kind === 'refused' && NEEDS_SNAPSHOT.has(result.problem.code))) {
      const failure = await fetchSnapshot(fetched, own)
      if (failure) return withoutRows(failure, fetched)
      continue
    }
    if (result.kind !== 'done') return { ok: false, failure: result }
    if (result.body.epoch !== (await me())?.epoch) {
      // a restored station's rows may be older than the ones here: all of them again
      const failure = await fetchSnapshot(fetched, own)
      if (failure) return withoutRows(failure, fetched)
      continue
    }
    await noteTrailer(result, fetched)
    await keepAsWitness(result.body)
    await applyChanges(result.body, own)
    if (!result.body.more) break
  }
  await briefSites()
  changed('rows')
  return fetched
}

/** A revoked phone gets no rows. Still it hears whether the station was restored, and hands over again what that one lacks. */
async function withoutRows(failure: Failure, fetched: Fetched): Promise<Fetched | { ok: false; failure: Failure }> {
  if (failure.kind !== 'refused' || failure.problem.code !== 'enrolment-revoked') return { ok: false, failure }
  const result = await askChanges(null)
  if (result.kind !== 'done') return { ok: false, failure: result }
  await noteTrailer(result, fetched)
  const failed = await catchUp(result.body, fetched)
  if (failed) return { ok: false, failure: failed }
  if (result.body.epoch !== (await me())?.epoch) {
    // the cursor is a place in a log that is gone; the rows stay as they are, and own facts lie over them
    await applyRows({ store: (await cacheMarks()).store, rows: [], gone: [], facts: [], marks: { cursor: null, covered: 0 } })
    await takeOver(result.body)
  }
  return fetched
}

async function askChanges(cursor: string | null): Promise<Result<Changes>> {
  const identity = await me()
  const rest = `limit=${CHANGES_PER_PAGE}&rescue_key=${identity?.rescue_key?.id ?? ''}`
  return ask<Changes>({ method: 'GET', path: `/sync/changes?${cursor === null ? '' : `after=${encodeURIComponent(cursor)}&`}${rest}`, token: identity?.token ?? null })
}

async function applyChanges(page: Changes, enrolment: string | null): Promise<void> {
  const { store, covered } = await cacheMarks()
  const facts = page.facts.flatMap(({ i, verdict, line }) => {
    const fact = readable(line)
    return fact ? [{ i, verdict, line, id: fact.id, subject: fact.subject }] : []
  })
  const later = page.facts.flatMap(({ line }) => readable(line)?.admits ?? [])
  if (later.length > 0) await admittedLater(later)
  const marks = marksAt(page)
  // a fresh snapshot covers more than the pages fetched after it for their facts alone
  await applyRows({ store, rows: page.rows, gone: page.gone, facts, marks: { ...marks, covered: Math.max(covered, marks.covered), enrolment } })
}

/** The cursor's first number is how many log entries the rows cover. */
function marksAt({ cursor, time }: Trailer): Pick<CacheMarks, 'cursor' | 'as_of' | 'covered'> {
  return { cursor, as_of: time, covered: Number(cursor.split('.')[0]) || 0 }
}

/** Facts of kinds this app does not know are kept as they came; only what is no fact at all is not. */
function readable(line: string): { id: string; subject: string; admits: string[] } | null {
  try {
    const { id, subject, kind, body } = JSON.parse(line) as { id?: string; subject?: string; kind?: string; body?: { fact_sha256?: string } }
    const admits = kind === 'ledger.admitted' && body?.fact_sha256 ? [body.fact_sha256] : []
    return id && subject ? { id, subject, admits } : null
  } catch {
    return null
  }
}

// ---- snapshot ----------------------------------------------------------------------------------

/** Pages into the idle store; the one in use stays until the last page is in. A line that breaks costs one page, not those before it. */
async function fetchSnapshot(fetched: Fetched, enrolment: string | null): Promise<Failure | null> {
  let place = await arrivingFor(enrolment)
  let met = false
  for (let page = 0; page < PAGES_MAX; page++) {
    const store = place?.store ?? (await clearedIdleStore())
    const result: Result<SnapshotPage> = await askSnapshot(place)
    if (place && isOfAnother(result, place)) {
      place = null
      met = false
      continue
    }
    if (result.kind !== 'done') return result
    await noteTrailer(result, fetched)
    if (!met) {
      const failure = await catchUp(result.body, fetched)
      if (failure) return failure
    }
    met = true
    const { rows, next } = result.body
    place = next === null ? null : { store, at: result.body.cursor, after: next, epoch: result.body.epoch, enrolment, begun_at: place?.begun_at ?? instant(now()) }
    // the swap is part of the last page's transaction
    const marks = next === null ? { store, ...marksAt(result.body), ...sinceBackup(result.body), enrolment } : {}
    await applyRows({ store, rows, gone: [], facts: [], marks: { ...marks, arriving: place } })
    // only now: whoever is killed before that finds the epoch new again
    if (next === null) return takeOver(result.body)
  }
  return fault(0)
}

/** The pages here are of a scope or of a log that is no more: the snapshot begins anew. */
function isOfAnother(result: Result<SnapshotPage>, place: Arriving): boolean {
  return result.kind === 'done' ? result.body.epoch !== place.epoch : result.kind === 'refused' && NEEDS_SNAPSHOT.has(result.problem.code)
}

/** What no backup has yet is fetched once more as facts: should the station be lost now, this phone can bring them back. */
function sinceBackup({ cursor, backed_up_to: backed = 0 }: Trailer): { cursor?: string } {
  const [index, scope] = cursor.split('.')
  const lacking = Number(index) - backed
  return backed > 0 && lacking > 0 && lacking <= SINCE_BACKUP_MAX ? { cursor: `${backed}.${scope}` } : {}
}

/** The station was restored: everything it lacks goes back before its rows are taken for the truth. */
async function catchUp(trailer: Trailer, fetched: Fetched): Promise<Failure | null> {
  const identity = await me()
  if (!identity || trailer.epoch === identity.epoch) return null
  const { afterRestore } = await import('./restored')
  const done = await afterRestore(trailer, identity)
  if (!done.ok) return done.failure
  fetched.reopened += done.reopened
  return null
}

async function takeOver({ epoch }: Trailer): Promise<null> {
  if ((await me())?.epoch !== epoch) await updateIdentity({ epoch })
  return null
}

/** Nothing depends on it today: a full disk must not keep the rows from coming. */
async function keepAsWitness(page: Changes): Promise<void> {
  if (!page.witness) return
  const { keepPulled } = await import('../data/pulled')
  await keepPulled(page).catch(() => undefined)
}

async function askSnapshot(place: Arriving | null): Promise<Result<SnapshotPage>> {
  const where = place ? `at=${place.at}&after=${place.after}&` : ''
  return ask<SnapshotPage>({ method: 'GET', path: `/sync/snapshot?${where}limit=${CHANGES_PER_PAGE}`, token: (await me())?.token ?? null })
}

// ---- what every answer says besides -------------------------------------------------------------

async function noteTrailer({ body, sent_at, received_at }: Done<Trailer>, fetched: Fetched): Promise<void> {
  const identity = await me()
  if (!identity) return
  // compared before the new epoch is taken over: the step from one to the other needs its record
  fetched.doubt = (await watchLog(body)) ?? fetched.doubt
  fetched.reopened += await askedAgain(body.photos_wanted ?? [])
  await updateIdentity({
    ...(body.account?.id === identity.account ? accountFields(body.account) : {}),
    station_name: body.station?.name ?? identity.station_name,
    offset_ms: clockOffset(body.time, sent_at, received_at),
    last_contact_at: instant(new Date(received_at)),
    days: withToday(identity.days, body.time, new Date(received_at)),
    revoked: body.control?.revoked ?? false,
    signed_out: false,
    map: body.control?.map ?? null,
    ...(body.epoch === identity.epoch && body.backed_up_to !== undefined ? { backed_up_to: body.backed_up_to, backed_up_at: body.backed_up_at ?? null } : {}),
    ...(await toldRescueKey(body.rescue_key, identity)),
  })
}
