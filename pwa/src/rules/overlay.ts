// What the phone shows before the station has answered: the station's row with the phone's own facts on top.
// The twin of sync/overlay.py, held to it by tests/vectors/overlay.json. It never resolves a conflict: only the station folds.

import { EMPTY_ROWS, KIND_CREATES, KIND_SETS } from '../contract/kinds'
import { STATION_ZONE_HOURS } from '../contract/limits'
import type { Json, JsonObject, PhotoOfFact, Row } from '../contract/wire'

/** A fact as an object, its private fields already in its body. */
export interface OwnFact {
  id: string
  kind: string
  subject: string
  after: string[]
  author: string
  at: string
  enrolment?: string
  n?: number
  offset_ms?: number | null
  where?: Json
  photos?: PhotoOfFact[]
  body: JsonObject
}

type Shown = Record<string, Json>
type Step = (row: Shown, fact: OwnFact) => void

const LEVELS = ['general', 'suspected_major', 'major'] // from lowest to highest
const HOUR_MS = 3_600_000
const AMENDMENTS = new Set(['hazard.amended', 'hazard.resubmitted'])
const REOPENING = new Set(['hazard.reopened', 'hazard.ordered', 'hazard.returned'])
const WORK_STATE: Readonly<Record<string, string>> = {
  spot_fixed: 'spot_fixed',
  ordered: 'rectifying',
  fix_reported: 'fix_pending',
  recheck_fixed: 'fix_pending',
  recheck_failed: 'review_failed',
}
const COUNTED: Readonly<Record<string, string>> = {
  pass: 'pass', fail: 'fail', na: 'na', reading: 'reading', unanswered: 'unanswered', unmeasured: 'unanswered',
}
const BEGINS: Readonly<Record<string, string>> = { site: 'active', inspection: 'submitted', document: 'issued' }
const PHONE_DIGITS = 8
const WHOSE = ['name', 'owner_name', 'credit_code']
const NOT_CLOSED = { closed_on: null, closed_by: null, close_note: null, void_reason: null, duplicate_of: null }
const NOT_RECHECKED = { rechecked_on: null, recheck_result: null, rechecked_by: null, recheck_note: null }

/**
 * The row as the phone shows it; `facts` are its own unsent ones in the order of their numbers.
 * An ill-formed one shows nothing, as the station will quarantine it; it never hides the others.
 */
export function overlay(row: Row | null, facts: readonly OwnFact[]): Row | null {
  let shown = row as unknown as Shown | null
  for (const fact of facts) if (fits(fact)) shown = laid(shown === null ? emptyRow(fact) : { ...shown }, fact)
  return shown as unknown as Row | null
}

function laid(row: Shown, fact: OwnFact): Shown {
  askAgain(row, fact)
  changeHands(row, fact)
  setFields(row, fact)
  unitePhotos(row, fact)
  begin(row, fact)
  STEPS[fact.kind]?.(row, fact)
  const heads = (row.heads as string[]).filter((head) => !fact.after.includes(head))
  row.heads = [...heads, fact.id]
  row.facts = (row.facts as number) + 1
  row.pending = true
  return row
}

/** Whether the fact is of a form that can be laid on a row at all. */
function fits(fact: OwnFact): boolean {
  const told = fact as unknown as Shown
  const { body, after, photos } = told
  if (!['id', 'kind', 'subject', 'author', 'at'].every((name) => typeof told[name] === 'string') || !isObject(body)) return false
  if (!Array.isArray(after) || !after.every((each) => typeof each === 'string')) return false
  if (!isNothing(photos) && !allHave(photos, 'sha256', 'role')) return false
  return (isNothing(body.answers) || allHave(body.answers, 'item', 'verdict')) && setFit(fact)
}

/** Lists where the row has lists, objects where it has objects, a level and a day as text. */
function setFit(fact: OwnFact): boolean {
  const empty = emptyRow(fact)
  return Object.entries(KIND_SETS[fact.kind] ?? {}).every(([name, field]) => {
    const value = fact.body[name]
    if (isNothing(value)) return true
    if (Array.isArray(empty[field])) return Array.isArray(value)
    if (isObject(empty[field]) && field !== 'where') return isObject(value)
    return (field !== 'level' && field !== 'started_at') || typeof value === 'string'
  })
}

function isNothing(value: Json | undefined): value is null | undefined {
  return value === undefined || value === null
}

function allHave(values: Json | undefined, ...names: string[]): boolean {
  return Array.isArray(values) && values.every((each) => isObject(each) && names.every((name) => typeof each[name] === 'string'))
}

function typeOf(kind: string): string {
  const family = kind.slice(0, kind.indexOf('.'))
  if (family === 'grant') return 'account'
  return family === 'photo' || family === 'ledger' ? 'unknown' : family
}

function emptyRow(fact: OwnFact): Shown {
  const type = typeOf(fact.kind)
  return {
    ...EMPTY_ROWS[type],
    ...(type === 'hazard' ? { review: 'submitted', work: 'none' } : {}),
    ...(type === 'inspection' ? { counts: countVerdicts([]) } : {}),
    id: fact.subject,
    type,
    state: 'incomplete',
    heads: [],
    conflicts: [],
    flags: [],
    incomplete: true,
    redacted: false,
    unknown: 0,
    facts: 0,
  }
}

// ---- fields and photos -------------------------------------------------------------------------

/** A level raised above what the chief confirmed is the chief's to settle anew. */
function askAgain(row: Shown, { kind, body }: OwnFact): void {
  if (!AMENDMENTS.has(kind) || row.state === 'closed' || row.state === 'void') return
  const [before, level] = [LEVELS.indexOf(row.level as string), LEVELS.indexOf(body.level as string)]
  if (before >= 0 && level > before && row.review === 'confirmed') row.review = 'submitted'
}

/** Another name, owner or credit code in the place of the one that is shown. */
function changeHands(row: Shown, fact: OwnFact): void {
  const { kind, body } = fact
  if (kind !== 'site.amended' || row.type !== 'site') return
  if (!WHOSE.some((name) => !isNothing(row[name]) && !isNothing(body[name]) && row[name] !== body[name])) return
  const [before, day] = [row.changed_hands_on as string | undefined, dayOf(fact)]
  if (day !== null && day > (before ?? '')) row.changed_hands_on = day
}

function setFields(row: Shown, fact: OwnFact): void {
  for (const [name, field] of Object.entries(KIND_SETS[fact.kind] ?? {})) {
    const value = fact.body[name]
    // Nothing said when a subject is made is not the same as "none".
    if (value === undefined || (value === null && fact.kind in KIND_CREATES)) continue
    const before = row[field]
    if (isObject(before) && field !== 'where') {
      row[field] = withoutNulls({ ...before, ...(isObject(value) ? value : {}) })
    } else {
      row[field] = value === null && Array.isArray(before) ? [] : value
    }
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function withoutNulls(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null))
}

function unitePhotos(row: Shown, fact: OwnFact): void {
  if (!Array.isArray(row.photos)) return
  const photos = (row.photos as JsonObject[]).map((photo) => ({ ...photo }))
  const key = (photo: { sha256?: Json; role?: Json }): string => `${String(photo.sha256)} ${String(photo.role)}`
  const held = new Set(photos.map(key))
  for (const photo of fact.photos ?? []) {
    if (held.has(key(photo))) continue
    held.add(key(photo))
    // what this phone said of it (PhotoTold) is on the row too, its size is not
    const told: JsonObject = { ...photo, fact: fact.id, at: fact.at }
    delete told.bytes
    photos.push(told)
  }
  row.photos = photos
}

function begin(row: Shown, fact: OwnFact): void {
  if (!(fact.kind in KIND_CREATES) || row.state !== 'incomplete') return
  row.incomplete = false
  if ('author' in row) {
    const told: Record<string, Json> = {
      author: fact.author, at: fact.at, offset_ms: fact.offset_ms ?? null, where: fact.where ?? null,
    }
    for (const [name, value] of Object.entries(told)) if (name in row) row[name] = value
  }
  if (row.type === 'site') Object.assign(row, { registered_at: fact.at, registered_by: fact.author })
  if (row.type === 'document') row.provisional = provisionalNumber(fact)
  row.state = BEGINS[String(row.type)] ?? 'known'
  if (row.type === 'hazard') row.state = openState(row)
}

/** 临-1F3A90C2-17: which phone, and the how-manieth fact of it; the station's number comes with the row. stays Chinese: it is a number on paper */
function provisionalNumber({ enrolment, n }: OwnFact): string | null {
  return enrolment && n ? `临-${enrolment.slice(-PHONE_DIGITS).toUpperCase()}-${n}` : null
}

// ---- plain steps -------------------------------------------------------------------------------

/** The state of a hazard that is neither closed nor void. */
function openState({ review, work, level }: Shown): string {
  if (review === 'returned') return 'returned'
  if (work === 'reopened') return 'reopened'
  if (review === 'submitted') return 'submitted'
  if (work === 'none') return level === 'major' ? 'confirmed_major' : 'confirmed_general'
  return WORK_STATE[work as string] ?? 'submitted'
}

function reopens(fact: OwnFact): boolean {
  return fact.kind === 'hazard.rechecked' ? fact.body.result !== 'fixed' : REOPENING.has(fact.kind)
}

function hazardStep(change: Step): Step {
  return (row, fact) => {
    const over = (row.state === 'closed' || row.state === 'void') && !reopens(fact)
    if (over || row.type !== 'hazard') return
    change(row, fact)
    if (row.state !== 'incomplete') Object.assign(row, NOT_CLOSED, { state: openState(row) })
  }
}

function tellFix(row: Shown, fact: OwnFact, day: Json): void {
  Object.assign(row, { ...NOT_RECHECKED, fixed_on: day, fix_note: fact.body.note ?? null })
}

function spotFixed(row: Shown, fact: OwnFact): void {
  row.work = row.work === 'none' || row.work === 'spot_fixed' ? 'spot_fixed' : 'fix_reported'
  tellFix(row, fact, dayOf(fact))
}

function fixReported(row: Shown, fact: OwnFact): void {
  if (row.work === 'recheck_fixed') return
  row.work = 'fix_reported'
  tellFix(row, fact, fact.body.fixed_on ?? null)
}

function rechecked(row: Shown, { author, body }: OwnFact): void {
  Object.assign(row, {
    work: body.result === 'fixed' ? 'recheck_fixed' : 'recheck_failed',
    rechecked_on: body.rechecked_on ?? null, recheck_result: body.result ?? null,
    rechecked_by: author, recheck_note: body.note ?? null,
  })
}

function reopened(row: Shown): void {
  if (row.state !== 'closed' && row.state !== 'void') return
  Object.assign(row, { ...NOT_RECHECKED, work: 'reopened', fixed_on: null, fix_note: null })
}

/** What the station will not take for closed is not shown as closed either: it must be put right, and no suspicion open. */
function closable({ review, work, level }: Shown): boolean {
  return level !== 'suspected_major' && (work === 'recheck_fixed' || (work === 'spot_fixed' && review === 'confirmed'))
}

function closed(row: Shown, fact: OwnFact): void {
  if (row.state === 'void' || row.state === 'incomplete' || !closable(row)) return
  Object.assign(row, { state: 'closed', closed_on: dayOf(fact), closed_by: fact.author, close_note: fact.body.note ?? null })
}

function voided(row: Shown, { body, author, at }: OwnFact): void {
  if (row.state === 'incomplete') return
  Object.assign(row, { state: 'void', void_reason: body.reason ?? null })
  if (row.type === 'hazard') row.duplicate_of = body.duplicate_of ?? null
  if (row.type === 'document') Object.assign(row, { voided_by: author, voided_at: at })
}

function answered(row: Shown, fact: OwnFact): void {
  const said = [...(row.answers as JsonObject[]), ...((fact.body.answers ?? []) as JsonObject[])]
  const answers = [...new Map(said.map((answer) => [answer.item, answer])).values()]
  row.answers = answers
  row.counts = countVerdicts(answers)
  if (fact.kind === 'inspection.submitted') row.day = stationDay(row.started_at as string | null, fact.offset_ms ?? 0)
  else if (row.state !== 'void' && row.state !== 'incomplete') row.state = 'submitted'
}

function countVerdicts(answers: readonly JsonObject[]): JsonObject {
  const counts: Record<string, number> = { pass: 0, fail: 0, na: 0, reading: 0, unanswered: 0 }
  for (const answer of answers) {
    const counted = COUNTED[answer.verdict as string]
    if (counted !== undefined) counts[counted] = (counts[counted] ?? 0) + 1
  }
  return counts
}

function reviewed(row: Shown, fact: OwnFact): void {
  if (row.state === 'void' || row.state === 'incomplete') return
  Object.assign(row, { state: fact.body.outcome ?? null, reviewed_by: fact.author, reviewed_at: fact.at })
  if (row.state === 'returned') row.remarks = fact.body.remarks ?? []
}

function lost(row: Shown, { body }: OwnFact): void {
  for (const photo of Array.isArray(row.photos) ? (row.photos as JsonObject[]) : []) {
    if (photo.sha256 === body.sha256) photo.lost = body.reason ?? null
  }
}

/** The day in the station's zone; a measured error of this phone's clock is taken out. */
function stationDay(at: string | null, offsetMs: number): string | null {
  if (at === null) return null
  const moment = new Date(Date.parse(at) - offsetMs + STATION_ZONE_HOURS * HOUR_MS)
  return Number.isNaN(moment.getTime()) ? at.slice(0, 10) : moment.toISOString().slice(0, 10)
}

function dayOf(fact: OwnFact): string | null {
  return stationDay(fact.at, fact.offset_ms ?? 0)
}

const STEPS: Readonly<Record<string, Step>> = {
  'hazard.amended': hazardStep(() => undefined), // fields were set already; the state is told anew
  'hazard.resubmitted': hazardStep((row) => {
    if (row.review === 'returned') row.review = 'submitted'
  }),
  'hazard.returned': hazardStep((row, { body }) => {
    Object.assign(row, { review: 'returned', remarks: body.remarks ?? [] })
  }),
  'hazard.confirmed': hazardStep((row, { author, at }) => {
    Object.assign(row, { review: 'confirmed', confirmed_by: author, confirmed_at: at })
  }),
  'hazard.ordered': hazardStep((row, fact) => {
    Object.assign(row, { work: 'ordered', ordered_on: dayOf(fact) })
  }),
  'hazard.spot_fixed': hazardStep(spotFixed),
  'hazard.fix_reported': hazardStep(fixReported),
  'hazard.rechecked': hazardStep(rechecked),
  'hazard.reopened': hazardStep(reopened),
  'hazard.closed': closed,
  'hazard.voided': voided,
  'inspection.submitted': answered,
  'inspection.corrected': answered,
  'inspection.reviewed': reviewed,
  'inspection.voided': voided,
  'document.voided': voided,
  'site.retired': (row) => {
    if (row.state !== 'incomplete') row.state = 'retired'
  },
  'photo.lost': lost,
}
