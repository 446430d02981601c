// What the screens see: drafts, views and outcomes. Rows come from ../contract, everything else is named here.
// Only types. A Draft, a fact and a row are different things on purpose: a draft may still change.

import type {
  Answer, Attendance, Disposition, FoundLevel, HazardRow, InspectionRow, Json, JsonObject, Method, PhotoMark, PhotoRole, PhotoSource, Remark, SiteRow, Where,
} from '../contract/wire'
import type { ListedSite } from './site_briefs'

// ---- outcomes ---------------------------------------------------------------------------------

/** Something did not work: a sentence for the person, and whether trying again can help. */
export interface Trouble {
  ok: false
  /** Stable word for tests and for choosing a picture; never shown. */
  code: string
  words: string
  retry: boolean
}
export type Outcome<T> = { ok: true; value: T } | Trouble

// ---- who I am ---------------------------------------------------------------------------------

export interface Identity {
  enrolment: string
  account: string
  account_name: string
  roles: string[]
  areas: string[]
  station: string
  station_name: string
  timezone: string
  /** device time minus station time; null until the first contact. Show a hint above 2 minutes. */
  offset_ms: number | null
  /** The station no longer takes new work from this phone; unsent work can still be handed over. */
  revoked: boolean
  enrolled_at: string
  /** last time the station answered this phone */
  last_contact_at: string | null
}

// ---- platform ---------------------------------------------------------------------------------

export type PlatformCode = 'insecure' | 'wechat' | 'private_mode' | 'not_installed' | 'no_storage' | 'too_old'
export interface PlatformTrouble {
  code: PlatformCode
  /** one sentence: what is wrong */
  words: string
  /** one sentence: what to do */
  remedy: string
  /** true: nothing may be recorded here; false: a warning only */
  blocking: boolean
}
// ---- drafts -----------------------------------------------------------------------------------

/** saved: on the phone for certain (strict commit). failed: NOT stored; `words` says what to do; kept in memory and emergency slot. */
export type SaveState = 'saved' | 'saving' | 'failed'

export interface HazardDraft {
  /** becomes the hazard's id */
  id: string
  item: string | null
  spot: string
  finding: string
  category: string
  level: FoundLevel
  basis: string
  disposition: Disposition
  measure: string
  /** day in the station's zone, e.g. 2026-12-01 */
  deadline: string | null
  handoff: string
  fix_owner: string
  fix_owner_phone: string
  /** put right while the inspector was there: makes a hazard.spot_fixed with the `after` photos */
  spot_fixed: boolean
  spot_fixed_note: string
  /** the inspector tapped 记下这条隐患 */
  done: boolean
}

export interface InspectionDraft {
  type: 'inspection'
  /** becomes the inspection's id */
  id: string
  site: string
  checklist: string
  checklist_version: number
  checklist_sha256: string
  method: Method
  started_at: string
  answers: { [item: string]: Answer }
  hazards: HazardDraft[]
  attendance: Attendance | null
  companions: string[]
  remark: string
  on_site_name: string
  on_site_post: string
  on_site_phone: string
  /** whatever the screen wants to find again: route, scroll, open item. Never leaves the phone. */
  place: JsonObject
  updated_at: string
  /** counts the changes: which of two copies is newer must not depend on a clock */
  revision: number
}

/** One later statement about something that exists: a recheck, an answer to a returned hazard, a feedback... */
export type StepKind =
  | 'hazard.rechecked' | 'hazard.fix_reported' | 'hazard.spot_fixed' | 'hazard.resubmitted' | 'hazard.amended' | 'hazard.noted'
  | 'inspection.corrected' | 'site.registered' | 'site.amended' | 'activity.recorded' | 'document.issued'

export interface StepDraft {
  type: 'step'
  id: string
  kind: StepKind
  /** the subject's id; for site.registered and activity.recorded a new one */
  subject: string
  site: string | null
  /** the body's and the private fields together, as in docs/contract.md section 2; split when it is finished */
  fields: JsonObject
  /** the heads of the subject's row when the form was opened */
  seen: string[]
  place: JsonObject
  updated_at: string
  /** counts the changes: which of two copies is newer must not depend on a clock */
  revision: number
}
export type Draft = InspectionDraft | StepDraft

export interface DraftSummary {
  id: string
  type: Draft['type']
  kind: StepKind | null
  site: string | null
  site_name: string
  checklist: string | null
  checklist_title: string
  answered: number
  hazards: number
  updated_at: string
}

/** Where a photo belongs: `subject` is the draft's own id, a HazardDraft's id, or a step's subject. */
export interface PhotoSlot {
  draft: string
  subject: string
  role: PhotoRole
}

export interface CaptureIntent extends PhotoSlot {
  /** the route to go back to */
  route: string
  at: string
}

export type PhotoState = 'in_draft' | 'waiting' | 'sending' | 'held' | 'parked' | 'lost'
export interface PhotoView {
  sha256: string
  subject: string
  role: PhotoRole
  bytes: number
  width: number
  height: number
  /** capture time, device clock */
  at: string
  source?: PhotoSource
  /** drawn on it with a finger */
  marks?: PhotoMark[]
  /** false: the phone could not read it as a picture; the original bytes are kept and handed over */
  decoded: boolean
  state: PhotoState
}

// ---- lists and views --------------------------------------------------------------------------

export type DueReason = 'overdue' | 'due_soon' | 'due' | 'never' | 'recheck_overdue' | 'recheck_due' | 'returned' | 'campaign_soon' | 'campaign' | 'changed'
export interface TodayItem {
  site: ListedSite
  area_name: string
  /** the most pressing first */
  reasons: { code: DueReason; words: string; chip: string }[]
  due_on: string | null
  last_on: string | null
  open_hazards: number
  rechecks: number
  distance_m: number | null
  draft: string | null
  pending: boolean
}
export interface Today {
  day: string
  items: TodayItem[]
  returned: ReturnedItem[]
  drafts: DraftSummary[]
  /** rows as of; null = nothing pulled yet */
  as_of: string | null
  /** how many are in my grids, due or not */
  sites: number
}

export interface HazardView {
  hazard: HazardRow
  site_name: string
  overdue_days: number
  photos: PhotoView[]
}
export interface InspectionView {
  inspection: InspectionRow
  site_name: string
  checklist_title: string
}
export interface SiteView {
  site: SiteRow
  area_name: string
  inspections: InspectionView[]
  open_hazards: HazardView[]
  closed_hazards: HazardView[]
  /** checklists that suit its place types first, then all others */
  checklists: ChecklistSummary[]
  draft: string | null
}
export interface SiteHit {
  site: ListedSite
  area_name: string
  distance_m: number | null
  pending: boolean
}
export interface ChecklistSummary {
  id: string
  version: number
  sha256: string
  title: string
  short: string
  suits: boolean
  items: number
}
export interface ChecklistText {
  id: string
  version: number
  sha256: string
  /** hand this to rules/evaluate */
  content: JsonObject
}

export interface ReturnedItem {
  type: 'hazard' | 'inspection'
  id: string
  site: string
  site_name: string
  row: HazardRow | InspectionRow
  remarks: Remark[]
  by_name: string
  /** not opened on this phone since it was returned */
  unread: boolean
  /** an answer to it is already waiting in the outbox */
  answered: boolean
}

// ---- handing over -----------------------------------------------------------------------------

export type SenderPhase = 'idle' | 'sending_text' | 'sending_photos' | 'fetching' | 'waiting' | 'offline' | 'blocked'
export interface SenderView {
  phase: SenderPhase
  /** why it does not get on, in plain words; nothing when nothing is in the way */
  why: string
  facts_left: number
  inspections_left: number
  photos_left: number
  photos_done: number
  bytes_left: number
  /** at the pace measured just now; null when unknown */
  seconds_left: number | null
  next_try_at: string | null
  /** how often the line broke since this handing over began */
  cuts: number
  /** why it stopped, when only a person can help (phase blocked) */
  problem: { code: string; words: string } | null
}

export type FactState = 'unsent' | 'sent' | 'receipted'
export interface OutboxItem {
  id: string
  kind: string
  subject: string
  site: string | null
  title: string
  at: string
  n: number
  state: FactState
  photos_total: number
  photos_held: number
  /** quarantined or parked: a sentence, nothing is lost */
  words: string | null
}
export interface OutboxFigures {
  inspections: number
  facts: number
  photos: number
  bytes: number
  oldest_at: string | null
  /** of these, how many the station does not take as they are: they go again only when a person says so */
  parked: number
  /** 2 份检查、3 张照片只在这部手机里 */
  words: string
}
export interface ReceiptView {
  batch: string
  /** the how-manieth of this phone, from 1 */
  order: number
  time: string
  facts: number
  inspections: number
  photos: number
  photos_held: number
  photos_lost: number
  /** the station's time of the last photo's own receipt; null without any */
  photos_time: string | null
  log_size: number
  exceptions: { title: string; words: string }[]
  /** the signed text and its signature, fit for a QR code */
  text: string
  signature: string
}

export interface StorageFigures {
  used_bytes: number | null
  photos_bytes: number
  photos_kept: number
  persisted: boolean | null
  last_backup_words: string
}

export type PositionState = 'off' | 'searching' | 'fixed' | 'denied' | 'unavailable'
export interface PositionView {
  state: PositionState
  fix: Where | null
  words: string
}

export type { Answer, Json, JsonObject, Where }
