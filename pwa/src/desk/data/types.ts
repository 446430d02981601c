// What the station answers the desk (docs/contract.md, section 4, desk part). Only types.
// A row here is the fold's row plus what the station adds outside the fold: number, i, received_at.

import type {
  AccountFields, AreaFields, ChecklistFields, HazardFields, InspectionFields, SettingFields, SiteFields,
} from '@/contract/kinds'
import type { DocumentRow, JsonObject, PhotoOfFact, PhotoRole, RowBase, RowConflict, Where } from '@/contract/wire'

type Row<Fields> = Fields & Omit<RowBase, 'type'> & { type: string; i?: number }

export type HazardRow = Row<HazardFields> & { number?: string | null }
export type InspectionRow = Row<InspectionFields> & { received_at?: string }
export type SiteRow = Row<SiteFields>
export type AreaRow = Row<AreaFields> & { sites: number }
export type AccountRow = Row<AccountFields> & { has_password: boolean; phones: number }
export type ChecklistRow = Row<ChecklistFields>
export type SettingRow = Row<SettingFields>
export type Names = Record<string, string>

export interface Photo {
  sha256: string
  role: PhotoRole
  subject: string
  held: boolean
  condition: 'ok' | 'undecodable' | 'too_many_pixels' | null
  width: number | null
  height: number | null
  received: number
  bytes: number | null
  at: string
  held_at: string | null
  /** who took it: not always who found the hazard */
  author: string
}

export interface Entry {
  fact: string | null
  sha256: string
  i: number
  kind: string | null
  author: string
  at: string | null
  offset_ms: number | null
  received_at: string
  verdict: string
  admitted: boolean
  batch: string | null
  enrolment: string | null
  where: Where | null
  body: JsonObject
  photos: PhotoOfFact[]
  redacted: boolean
}

/** A paper as the pages of its hazards and its site list it. */
export interface DocumentBrief {
  id: string
  number: string | null
  provisional: string | null
  state: string
  paper: string
  issued_on: string
  attendance: string
  author: string
  void_reason: string | null
  heads: string[]
  hazards: string[]
}

export interface DocumentPage {
  document: DocumentRow
  site: SiteRow | null
  area: string
  hazards: { id: string; number: string | null; state: string }[]
  photos: Photo[]
  timeline: Entry[]
  accounts: Names
  allowed: string[]
}

export interface Activity {
  id: string
  kind: string
  form: string | null
  form_version: number | null
  day: string | null
  entries: { item: string; value?: unknown }[]
  author: string
  at: string
  received_at: string
  photos: { sha256: string; role: PhotoRole }[]
}
export interface ActivityForm {
  title: string
  items: { id: string; text: string; answer: { unit_label?: string } }[]
}
export type ActivityPage = Page<Activity> & { forms: Record<string, ActivityForm>; types: { type: string; title: string }[]; accounts: Names }

export interface OtherHazard {
  id: string
  heads?: string[]
  number: string | null
  state: string
  review?: string
  level: string | null
  at?: string | null
  /** of the same item, or with almost the same photo */
  why?: ('item' | 'photo')[]
  finding: string
  spot: string | null
  item: string | null
  found_on: string
  author: string
}

/** A photo that another visit used before; the day and the place of that one. */
export interface ReusedPhoto {
  sha256: string
  other: string
  other_sha256: string
  day: string
  site: string
}

export type MatterType = 'outcome' | 'field' | 'same' | 'photo'
export interface MatterSide {
  row: HazardRow | InspectionRow | SiteRow
  site: { id: string; name: string } | null
  area: string
  author: string
  /** when the station had it */
  received_at: string | null
  photos: Photo[]
  allowed: string[]
}
/** What only the chief can settle, both sides beside each other, the earlier one first. */
export interface Matter {
  type: MatterType
  key: string
  sides: readonly [MatterSide, ...MatterSide[]]
  conflicts: RowConflict[]
  entries: Entry[]
  /** `sha256` is of the later side */
  alike: { sha256: string; other: string }[]
}
export type MatterPage = Page<Matter> & { accounts: Names; areas: Names; counts: Record<MatterType, number> }

export interface Doubt {
  code: string
  text: string
  hazard?: string
  other?: OtherHazard
  offset_ms?: number
  count?: number
}

export interface Page<Item> {
  items: Item[]
  total: number
  page: number
  size: number
}

export type ReviewTab = 'waiting' | 'returned' | 'done'
export type BriefHazard = Pick<HazardRow, 'id' | 'number' | 'state' | 'level' | 'item' | 'finding' | 'spot' | 'category' | 'deadline'>
/** A submission, or a hazard that came without one: exactly one of the two is there. */
export interface ReviewItem {
  inspection: (InspectionRow & { received_at: string }) | null
  hazard: (BriefHazard & { received_at: string }) | null
  site: SiteRow | null
  area: string
  author: string
  checklist: { id: string; version: number; title: string; short: string } | null
  hazards: BriefHazard[]
  photos_waiting: number
  doubts: Doubt[]
}
export type ReviewPage = Page<ReviewItem> & { counts: Record<ReviewTab, number> }

export type ReviewHazard = HazardRow & { allowed: string[]; overdue_days: number | null; same_site: OtherHazard[] }
export interface InspectionPage {
  inspection: InspectionRow & { received_at: string }
  allowed: string[]
  site: SiteRow | null
  area: string
  hazards: ReviewHazard[]
  checklist: ChecklistRow | null
  photos: Photo[]
  timeline: Entry[]
  accounts: Names
  doubts: Doubt[]
}

export interface LedgerItem {
  hazard: HazardRow
  site: Pick<SiteRow, 'id' | 'name' | 'grade' | 'area' | 'place_types' | 'state'> | null
  area: string
  author: string
  overdue_days: number | null
  photos_waiting: number
  /** name and number of every notice in force that names it */
  documents: string[]
}
export type LedgerPage = Page<LedgerItem> & { counts: Record<string, number>; categories: string[] }

export interface HazardPage {
  hazard: HazardRow
  site: SiteRow | null
  area: string
  photos: Photo[]
  timeline: Entry[]
  accounts: Names
  allowed: string[]
  overdue_days: number | null
  same_site: OtherHazard[]
  /** voided as doubles of this one */
  merged: (OtherHazard & { photos: { sha256: string; role: PhotoRole }[] })[]
  documents: DocumentBrief[]
  reused: ReusedPhoto[]
}

export interface Due {
  state: 'overdue' | 'due_soon' | 'never' | 'due' | 'done'
  due_on: string
  days_left: number
  reason: string
  chip: string
}
export interface SiteItem {
  site: SiteRow
  area: string
  due: Due
  /** those it is still to be visited for */
  campaigns: { name: string; to: string }[]
  hazards: { open: number; major: number }
}
export type SitePage = Page<SiteItem> & { counts: Record<string, number>; cut: boolean }
export interface SiteAnswer {
  site: SiteRow
  area: string
  due: Due
  campaigns: { name: string; to: string }[]
  inspections: InspectionRow[]
  hazards: HazardRow[]
  documents: DocumentBrief[]
  /** everything recorded about the site itself, so that a disagreement can name who said what and when */
  timeline: Entry[]
  accounts: Names
}

export interface AreaTree {
  areas: AreaRow[]
  accounts: Names
}

export interface Phone {
  enrolment: string
  account: string
  account_name: string
  label: string
  claimed_at: string
  last_seen_at: string | null
  n_announced: number
  n_received: number
  missing: number
  app: string | null
  revoked_at: string | null
  /** taken from the account, and this phone has not heard of it */
  old_roles: string[]
  old_roles_until: string | null
}
export interface PhoneList {
  items: Phone[]
  codes: { account: string; account_name: string; created_at: string; expires_at: string }[]
}
export interface EnrolmentCode {
  code: string
  url: string
  qr_svg: string
  expires_at: string
}

export interface Overview {
  waiting: number
  overdue: number
  suspected_major: number
  alone_waiting: number
  fix_pending: number
  open: number
  photos_waiting: number
  quarantined: number
  findings: number
  matters: Partial<Record<MatterType, number>>
  sites: Record<string, number>
  as_of: string
}

export interface Finding {
  kind: 'log' | 'row' | 'photo'
  about: string
  found_at: string
  seen_at: string | null
  seen_by: string | null
  detail: {
    kind?: string
    account?: string
    label?: string
    proven?: boolean
    kept?: { size: number; time: string } | null
    title?: string
    fields?: Record<string, [unknown, unknown]>
    state?: string
    lost?: boolean
    places?: { type: string; id: string; site?: string | null; words: string }[]
  }
}

export type ImportNoun = 'sites' | 'accounts'
export interface ImportPreview {
  id: string
  rows: { row: number; title: string; summary: string; ok: boolean; duplicate: boolean }[]
  errors: { row: number; column: string; text: string; level: 'error' | 'warning' }[]
  ok: number
  failed: number
  duplicates: number
}
export interface ImportDone {
  applied: number
  skipped: number
  already: boolean
}

export type ExportFormat = 'ledger_xlsx' | 'ledger_short_xlsx' | 'ledger_csv' | 'activities_xlsx' | 'activities_csv'
export interface ExportJob {
  id: string
  format: ExportFormat
  title: string
  whole_phones: boolean
  state: 'waiting' | 'running' | 'done' | 'failed'
  done: number
  total: number | null
  file: { name: string; bytes: number } | null
  failure: string | null
  created_at: string
  created_by: string | null
}

export interface ChecklistBrief {
  id: string
  version: number
  versions: number[]
  sha256: string
  items: number
  title: string
  short: string
  category: string
  place_types: string[]
  focus: string | null
  industry_dept: string | null
}
export interface Basis {
  ref: string
  clause?: string
  quote?: string
  status?: string
  note?: string
}
export interface ChecklistItem {
  id: string
  section?: string
  text: string
  focus?: boolean
  level?: string
  basis?: Basis[]
  how?: string
  measures?: string[]
  deadline_days?: number
  applies_if?: string
  answer?: { type: string; unit_label?: string; options?: (string | { value: string; label: string })[] }
}
export interface ChecklistContent {
  id: string
  version: number
  title: string
  short?: string
  category?: string
  focus?: string
  procedure?: string
  place_types?: string[]
  industry_dept?: string
  items: ChecklistItem[]
}

export interface Feedback {
  id: string
  text: string
  author: string
  at: string
  received_at: string
}
export interface Quarantined {
  i: number
  sha256: string
  reason: string
  sentence: string
  /** whether whoever asks may let it count */
  may_admit: boolean
  received_at: string
  fact: string | null
  kind: string | null
  subject: string | null
  author: string | null
  enrolment: string | null
  device: string | null
  batch: string | null
  text: string
  cut: boolean
  bytes: number
}
export type NamedPage<Item> = Page<Item> & { accounts: Names }
