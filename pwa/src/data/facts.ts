// From what a person wrote to facts: pure plans first, then the lines, numbered and hashed. Once made, a line is never made again.
// It must not touch the database; times, ids and salts come in as arguments.

import type { FactLine, Json, JsonObject, PhotoMark, PhotoOfFact, PhotoRole, PhotoSource, Where } from '../contract/wire'
import type { FactRecord, IdentityRecord } from '../db/user'
import { sha256Hex, utf8 } from '../lib/bytes'
import { FACT_BYTES_MAX, PHOTOS_PER_FACT_MAX } from '../contract/limits'
import { correctedFields, isCorrection } from './correction'
import { Refusal } from './outcome'
import type { HazardDraft, InspectionDraft, StepDraft } from './types'

/** Fields about persons: they travel in the private line, of which the log covers only a salted hash. */
const PRIVATE_FIELDS = new Set([
  'on_site_name', 'on_site_post', 'on_site_phone', 'fix_owner', 'fix_owner_phone', 'owner_name', 'owner_phone', 'owner_post', 'inspectors',
])

export interface PhotoInSlot {
  sha256: string
  role: PhotoRole
  bytes: number
  subject: string
  /** when this phone kept it */
  at: string
  source?: PhotoSource | undefined
  marks?: PhotoMark[] | undefined
}

export interface FactPlan {
  id: string
  kind: string
  subject: string
  after: string[]
  site: string | null
  /** for lists on the phone; not part of the fact */
  title: string
  fields: JsonObject
  photos: PhotoOfFact[]
}

export interface Maker {
  identity: IdentityRecord
  at: string
  where: Where | null
  first_n: number
  salt: () => string
}

// ---- plans -------------------------------------------------------------------------------------

export interface InspectionParts {
  draft: InspectionDraft
  photos: readonly PhotoInSlot[]
  finished_at: string
  /** the station's day, for found_on */
  day: string
  site_name: string
  ids: () => string
}

export function planInspection({ draft, photos, finished_at, day, site_name, ids }: InspectionParts): FactPlan[] {
  if (draft.attendance === null) throw new Refusal('attendance_missing', '还没选：签字、拒签还是不在场')
  const { site, checklist, checklist_version, checklist_sha256, method, started_at, attendance } = draft
  const submitted: FactPlan = {
    id: ids(),
    kind: 'inspection.submitted',
    subject: draft.id,
    after: [],
    site,
    title: site_name,
    fields: kept({
      site, checklist, checklist_version, checklist_sha256, method, started_at, finished_at, attendance,
      answers: Object.values(draft.answers).map((answer) => kept({ ...answer })),
      hazards: draft.hazards.map((hazard) => hazard.id),
      companions: draft.companions.length > 0 ? draft.companions : null,
      remark: draft.remark,
      on_site_name: draft.on_site_name,
      on_site_post: draft.on_site_post,
      on_site_phone: draft.on_site_phone,
    }),
    photos: photosFor(photos, draft.id, (role) => (role === 'signature' ? 'signature' : 'scene')),
  }
  return [submitted, ...draft.hazards.flatMap((hazard) => planHazard({ draft, hazard, photos, day, site_name, ids }))]
}

interface HazardParts extends Omit<InspectionParts, 'finished_at'> {
  hazard: HazardDraft
}

function planHazard({ draft, hazard, photos, day, site_name, ids }: HazardParts): FactPlan[] {
  if (hazard.finding.trim() === '') throw new Refusal('finding_missing', '有一条隐患还没写是什么问题')
  const { id, item, spot, finding, category, level, basis, disposition, measure, deadline, handoff, fix_owner, fix_owner_phone } = hazard
  const { site, checklist, checklist_version } = draft
  const found: FactPlan = {
    id: ids(),
    kind: 'hazard.found',
    subject: id,
    after: [],
    site,
    title: `${site_name}：${finding}`,
    fields: kept({
      site, inspection: draft.id, checklist, checklist_version, item, spot, finding, category, level, basis, disposition, measure,
      deadline, found_on: day, source: draft.method, handoff, fix_owner, fix_owner_phone,
    }),
    photos: photosFor(photos, id, (role) => (role === 'after' && hazard.spot_fixed ? null : 'before')),
  }
  if (!hazard.spot_fixed) return [found]
  const fixed: FactPlan = {
    id: ids(),
    kind: 'hazard.spot_fixed',
    subject: id,
    after: [found.id],
    site,
    title: `${site_name}：当场改好`,
    fields: kept({ note: hazard.spot_fixed_note }),
    photos: photosFor(photos, id, (role) => (role === 'after' ? 'after' : null)),
  }
  return [found, fixed]
}

export interface StepParts {
  draft: StepDraft
  photos: readonly PhotoInSlot[]
  after: string[]
  title: string
  id: string
  /** the subject as this phone shows it now, its own facts on top; null when it is not known here, or only made by this */
  row: JsonObject | null
}

export function planStep({ draft, photos, after, title, id, row }: StepParts): FactPlan {
  const { kind, subject, site } = draft
  const fields = isCorrection(kind) ? correctedFields(row ?? {}, draft.fields) : kept(draft.fields)
  const own = photosFor(photos, subject, (role) => role)
  if (isCorrection(kind) && Object.keys(fields).length + own.length === 0) throw new Refusal('nothing_changed', '和原来一样，还没有改什么，也没有补照片或说明')
  return { id, kind, subject, after, site, title, fields, photos: own }
}

/** `as` names the role a photo gets in this fact, null when it belongs into another one: none may fall between two facts. */
function photosFor(photos: readonly PhotoInSlot[], subject: string, as: (role: PhotoRole) => PhotoRole | null): PhotoOfFact[] {
  const own = photos.flatMap((photo) => {
    const role = photo.subject === subject ? as(photo.role) : null
    return role === null ? [] : [photoOfFact(photo, role)]
  })
  if (own.length > PHOTOS_PER_FACT_MAX) throw new Refusal('photos_too_many', `一条里最多放 ${PHOTOS_PER_FACT_MAX} 张照片，请去掉几张`)
  return own
}

function photoOfFact({ sha256, bytes, at, source, marks }: PhotoInSlot, role: PhotoRole): PhotoOfFact {
  return { sha256, role, bytes, kept_at: at, ...(source && { source }), ...(marks?.length && { marks }) }
}

/** Nothing and empty text are left out: absent means not set. Never for a correction, where it means unchanged. */
function kept(fields: { [name: string]: Json | undefined }): JsonObject {
  const entries = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined && value !== '')
  return Object.fromEntries(entries) as JsonObject
}

// ---- lines -------------------------------------------------------------------------------------

export async function writeFacts(plans: readonly FactPlan[], maker: Maker): Promise<FactRecord[]> {
  return Promise.all(plans.map((plan, index) => writeFact(plan, maker.first_n + index, maker)))
}

async function writeFact(plan: FactPlan, n: number, maker: Maker): Promise<FactRecord> {
  const { identity, at, where } = maker
  const [open, hidden] = split(plan.fields)
  const privateLine = hidden === null ? null : JSON.stringify({ fact: plan.id, salt: maker.salt(), fields: hidden })
  const fact: FactLine = {
    id: plan.id, kind: plan.kind, v: 1, station: identity.station, subject: plan.subject, after: plan.after,
    author: identity.account, enrolment: identity.enrolment, n, at, offset_ms: identity.offset_ms, where, photos: plan.photos,
    ...(privateLine === null ? {} : { private: await sha256Hex(privateLine) }),
    body: open,
  }
  const line = JSON.stringify(fact)
  if (utf8(line).length > FACT_BYTES_MAX) throw new Refusal('fact_too_long', '这一份写得太长，放不下，请把备注缩短一些')
  return {
    id: plan.id, enrolment: identity.enrolment, n, kind: plan.kind, subject: plan.subject, site: plan.site, title: plan.title, at, line,
    sha256: await sha256Hex(line), private_line: privateLine, photos: plan.photos.map((photo) => photo.sha256),
    state: 'unsent', batch: null, verdict: null, receipted_at: null, log_size: null, parked: null,
  }
}

function split(fields: JsonObject): [JsonObject, JsonObject | null] {
  const open: JsonObject = {}
  const hidden: JsonObject = {}
  for (const [name, value] of Object.entries(fields)) (PRIVATE_FIELDS.has(name) ? hidden : open)[name] = speakable(value)
  return [open, Object.keys(hidden).length > 0 ? hidden : null]
}

/** Half an emoji or a NUL would make the station refuse the line: they become a visible mark. */
function speakable(value: Json): Json {
  // with the u flag the range matches only halves that stand alone
  if (typeof value === 'string') return value.replace(/[\0\uD800-\uDFFF]/gu, '\uFFFD')
  if (Array.isArray(value)) return value.map(speakable)
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, speakable(one)]))
  return value
}
