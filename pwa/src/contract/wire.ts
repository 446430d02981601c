// The shapes that cross the wire and the rows the station's fold gives (docs/contract.md, sections 1, 3 and 4).
// Only types, no behaviour. It must not know how anything is stored or shown.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

export type Level = 'general' | 'suspected_major' | 'major'
export type FoundLevel = 'general' | 'suspected_major'
export type Grade = 'A' | 'B' | 'C'
export type Method = 'routine' | 'special' | 'joint' | 'covert' | 'report' | 'self' | 'assigned' | 'look_back'
export type Verdict = 'pass' | 'fail' | 'na' | 'reading' | 'unmeasured' | 'unanswered'
export type AnswerSource = 'tapped' | 'measured' | 'carried' | 'rest_pass' | 'unknown'
export type Attendance = 'signed' | 'refused' | 'absent'
export type Disposition = 'on_spot' | 'by_deadline' | 'stop_use' | 'stop_business' | 'hand_over'
export type RecheckResult = 'fixed' | 'not_fixed' | 'partly'
export type PhotoRole = 'before' | 'after' | 'scene' | 'signature' | 'paper'

export type HazardState =
  | 'submitted' | 'returned' | 'confirmed_general' | 'confirmed_major' | 'spot_fixed' | 'rectifying'
  | 'fix_pending' | 'review_failed' | 'reopened' | 'closed' | 'void'
export type InspectionState = 'submitted' | 'returned' | 'accepted' | 'void'

export interface Where {
  lat: number
  lon: number
  accuracy_m: number
  at: string
}

/** Drawn on a photo with a finger; `box` in per mille of the picture: a circle fills it, an arrow goes from its first corner to its second. */
export type PhotoMark = { shape: 'circle' | 'arrow'; box: number[] }

export type PhotoSource = 'camera' | 'gallery'

/** What a fact may say of its photo besides hash, role and size. */
export interface PhotoTold {
  /** when the phone kept it, by the phone's clock: taken then, or chosen then */
  kept_at?: string
  source?: PhotoSource
  marks?: PhotoMark[]
}

export interface PhotoOfFact extends PhotoTold {
  sha256: string
  role: PhotoRole
  bytes: number
}

/** One fact as the phone writes it down. Its line of JSON, once made, is never made again. */
export interface FactLine {
  id: string
  kind: string
  v: 1
  station: string
  subject: string
  after: string[]
  author: string
  enrolment: string
  n: number
  at: string
  offset_ms: number | null
  where: Where | null
  photos: PhotoOfFact[]
  private?: string
  body: JsonObject
}

export interface PrivateLine {
  fact: string
  salt: string
  fields: JsonObject
}

export interface Answer {
  item: string
  value: Json
  verdict: Verdict
  source: AnswerSource
  note?: string
}

export interface Remark {
  field: string
  text: string
}

export interface RowConflict {
  type: string
  field?: string
  values?: { value: Json; fact: string }[]
  kept?: Json
  facts?: string[]
  /** closed, void: what a judgement that has seen both sides may uphold */
  endings?: string[]
}

export interface RowFlag {
  fact: string
  reason: string
}

/** What every row carries besides its own fields. */
export interface RowBase {
  id: string
  type: string
  heads: string[]
  conflicts: RowConflict[]
  flags: RowFlag[]
  incomplete: boolean
  redacted?: boolean
  unknown?: number
  facts: number
  /** Set by the phone's overlay: something of this row has not reached the station yet. */
  pending?: boolean
}

export interface SiteRow extends RowBase {
  type: 'site'
  state: 'active' | 'retired'
  name: string
  place_types: string[]
  area: string
  address?: string | null
  grade?: Grade | null
  high_risk?: boolean | null
  credit_code?: string | null
  attributes?: { [key: string]: number | string | boolean } | null
  lat?: number | null
  lon?: number | null
  accuracy_m?: number | null
  note?: string | null
  owner_name?: string | null
  owner_phone?: string | null
  owner_post?: string | null
  registered_at?: string | null
  registered_by?: string | null
  /** the last day on which another name, owner or credit code was put where one was known */
  changed_hands_on?: string | null
  /** Pinyin initials, added by the station; absent for a site made on this phone just now. */
  initials?: string | null
}

export interface InspectionRow extends RowBase {
  type: 'inspection'
  state: InspectionState
  site: string
  checklist: string
  checklist_version: number
  checklist_sha256?: string
  method: Method
  started_at: string
  finished_at: string
  day: string
  answers: Answer[]
  hazards: string[]
  attendance: Attendance
  companions?: string[] | null
  remark?: string | null
  on_site_name?: string | null
  on_site_post?: string | null
  on_site_phone?: string | null
  author: string
  at: string
  offset_ms?: number | null
  where?: Where | null
  photos: RowPhoto[]
  remarks?: Remark[] | null
  reply?: string | null
  counts?: { pass: number; fail: number; na: number; reading: number; unanswered: number }
  reviewed_by?: string | null
  reviewed_at?: string | null
}

export interface RowPhoto extends PhotoTold {
  sha256: string
  role: PhotoRole
  fact?: string
  at?: string
}

export interface HazardRow extends RowBase {
  type: 'hazard'
  state: HazardState
  number?: string | null
  site: string
  inspection?: string | null
  checklist?: string | null
  checklist_version?: number | null
  item?: string | null
  spot?: string | null
  finding: string
  category?: string | null
  level: Level
  basis?: string | null
  disposition: Disposition
  measure?: string | null
  deadline?: string | null
  found_on: string
  source?: Method | null
  handoff?: string | null
  fix_owner?: string | null
  fix_owner_phone?: string | null
  author: string
  at: string
  offset_ms?: number | null
  where?: Where | null
  photos: RowPhoto[]
  remarks?: Remark[] | null
  reply?: string | null
  ordered_on?: string | null
  document_no?: string | null
  fixed_on?: string | null
  fix_note?: string | null
  rechecked_on?: string | null
  recheck_result?: RecheckResult | null
  recheck_note?: string | null
  closed_on?: string | null
  close_note?: string | null
  void_reason?: string | null
  duplicate_of?: string | null
}

/** One hazard as the paper says it. */
export interface PaperHazard {
  hazard: string
  finding: string
  spot?: string | null
  measure?: string | null
  deadline?: string | null
  spot_fixed?: boolean | null
}

export interface DocumentRow extends RowBase {
  type: 'document'
  state: 'issued' | 'void' | 'incomplete'
  /** the station's own, once it has the notice */
  number?: string | null
  /** what the phone gave it at once */
  provisional?: string | null
  /** the fact the paper's code leads to; the station says it */
  issued_fact?: string | null
  paper: 'notice'
  site: string
  inspection?: string | null
  hazards: PaperHazard[]
  site_name: string
  station_name: string
  issued_on: string
  attendance: Attendance
  companions?: string[] | null
  title?: string | null
  opening?: string | null
  closing?: string | null
  on_site_name?: string | null
  on_site_post?: string | null
  on_site_phone?: string | null
  inspectors?: string | null
  author: string
  at: string
  offset_ms?: number | null
  photos: RowPhoto[]
  void_reason?: string | null
}

export interface AreaRow extends RowBase {
  type: 'area'
  name: string
  level: 'town' | 'village' | 'grid'
  parent?: string | null
  duties?: string | null
  inspector?: string | null
}

export interface AccountRow extends RowBase {
  type: 'account'
  login: string
  name: string
  phone?: string | null
  certificate_no?: string | null
  staff_type?: string | null
  active?: boolean
  roles?: string[]
  areas?: string[]
}

export interface ChecklistRow extends RowBase {
  type: 'checklist'
  checklist: string
  version: number
  sha256: string
  content: JsonObject
}

export interface SettingRow extends RowBase {
  type: 'setting'
  name: string
  value: Json
}

export interface ActivityRow extends RowBase {
  type: 'activity'
  /** feedback, other, or the word of a form */
  kind: string
  text?: string | null
  form?: string | null
  form_version?: number | null
  day?: string | null
  entries?: { item: string; value?: Json }[] | null
  author: string
  at: string
  photos: RowPhoto[]
}

export type Row = SiteRow | InspectionRow | HazardRow | DocumentRow | AreaRow | AccountRow | ChecklistRow | SettingRow | ActivityRow
export type RowType = Row['type']

export interface StationInfo {
  id: string
  code: string
  name: string
  timezone: string
}

export interface LogHead {
  size: number
  root: string
  time: string
  signature: string
}

export interface Problem {
  type?: string
  code: string
  title?: string
  detail: string
  status: number
  retry: boolean
  fields?: { path: string; text: string }[]
}

export interface BatchAnswer {
  receipt: string
  signature: string
  photos: { held: string[]; partial: [string, number][] }
  revoked: boolean
}

/** The receipt's own text, parsed. The text as it came is what is kept and verified. */
export interface Receipt {
  batch: string
  station: string
  enrolment: string
  manifest: string
  count: number
  exceptions: [number, string][]
  time: string
  epoch: number
  log: { size: number; root: string }
  backed_up_to: number
  backoff_s: number
}

export interface PhotoReceipt {
  photo: string
  bytes: number
  condition: 'ok' | 'undecodable' | 'too_many_pixels'
  station: string
  time: string
  epoch: number
}

export interface SignedText {
  receipt: string
  signature: string
}

export interface WireRow {
  type: string
  id: string
  i: number
  row: RowBase
}

/** What files for the station are closed with; the signature is by the key the phone pinned. */
export interface RescueKey {
  id: string
  key: string
  signature: string
}

export interface Trailer {
  cursor: string
  time: string
  epoch: number
  head: LogHead
  account: AccountRow
  station: StationInfo
  n_received: number
  control: { revoked: boolean; min_app: string; map?: MapSource }
  /** log size the station's last verified backup covers, and before when a photo must have come to be in it */
  backed_up_to?: number
  backed_up_at?: string | null
  /** where a restored station's log goes on from: `size` entries of epoch `from` */
  opened?: { epoch: number; from: number; size: number; root: string } | null
  /** only when the phone does not have it */
  rescue_key?: RescueKey
  /** photos of this account that the station had acknowledged and lost */
  photos_wanted?: { sha256: string; subject: string; fact: string }[]
}

/** Tiles under the phone's map, from the station (GET /map/tiles/z/x/y); absent where it has no provider. */
export interface MapSource {
  /** whose map it is, as the provider wants it shown */
  attribution: string
  system: 'wgs84' | 'gcj02'
  zoom_min: number
  zoom_max: number
}

/** An entry of the log as a page carries it; stations of older releases leave the last two out. */
export interface PulledItem {
  i: number
  verdict: string
  line: string
  received_at?: string
  number?: string
}

export interface Changes extends Trailer {
  more: boolean
  facts: PulledItem[]
  /** the station's signature over what this page says */
  witness?: { from: number; to: number; epoch: number; signature: string }
  /** kept for the station, which alone can open it: what the desk decided about people, phones and checklists */
  entrusted?: string
  rows: WireRow[]
  gone: string[]
}

export interface SnapshotPage extends Trailer {
  at: number
  rows: WireRow[]
  next: string | null
}

export interface Claimed {
  enrolment: string
  token: string
  account: AccountRow
  station: StationInfo
  server_key: string
  epoch: number
  time: string
  head: LogHead
  rescue_key?: RescueKey
  /** the station's signed word that this phone is enrolled; a station restored from before knows it by that */
  statement?: { text: string; signature: string }
}

export interface ConsistencyProof {
  from: number
  to: number
  /** of the log the path is of; absent from a station of an older release */
  epoch?: number
  path: string[]
}
