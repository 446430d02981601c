// `gi`: everything a person recorded on this phone and what proves that the station has it. Every write is strict:
// a commit means that the bytes are on the disk. Migrations only add. It must not know what a hazard is.

import { Dexie, type EntityTable, type Table } from 'dexie'
import type { Json, PhotoMark, PhotoRole, PhotoSource, MapSource, RescueKey } from '../contract/wire'
import { USER_DB_NAME } from './early'
import { nameHere } from './space'

export interface DraftRecord {
  id: string
  type: 'inspection' | 'step'
  kind: string | null
  site: string | null
  checklist: string | null
  subject: string
  updated_at: string
  revision: number
  /** put aside by the inspector; kept until DISCARDED_DRAFT_KEPT_DAYS are counted */
  discarded_at: string | null
  /** days counted (data/days.ts) when it was put aside; absent: before there was a count */
  discarded_day?: number
  /** the draft itself, as JSON text: no field of a later version is ever dropped by an older reader */
  text: string
}

export interface CaptureIntentRecord {
  key: 'open'
  draft: string
  subject: string
  role: PhotoRole
  route: string
  at: string
}

export type PhotoRecordState = 'in_draft' | 'waiting' | 'held' | 'parked' | 'lost'
export interface PhotoRecord {
  sha256: string
  bytes: number
  width: number
  height: number
  decoded: boolean
  at: string
  state: PhotoRecordState
  /** the station's signed photo receipt */
  receipt: string | null
  signature: string | null
  held_at: string | null
  /** log size of the batch receipt that covers its fact: `backed_up_to` is compared with it */
  log_size: number | null
  /** the body was deleted from the phone, after the receipt */
  body_gone: boolean
  preview_sent: boolean
  /** times the station computed another hash than ours */
  hash_failures: number
  words: string | null
  /** days counted when it was first seen that neither a draft nor a fact holds it */
  loose_day?: number
}

export interface PhotoUseRecord {
  draft: string
  subject: string
  role: PhotoRole
  sha256: string
  at: string
  source?: PhotoSource | undefined
  /** drawn on it, kept beside it */
  marks?: PhotoMark[] | undefined
}

export interface PhotoBodyRecord {
  sha256: string
  body: ArrayBuffer
}

export interface ThumbRecord {
  sha256: string
  thumb: ArrayBuffer
  preview: ArrayBuffer
}

export type FactRecordState = 'unsent' | 'sent' | 'receipted'
export interface FactRecord {
  id: string
  enrolment: string
  n: number
  kind: string
  subject: string
  site: string | null
  title: string
  at: string
  line: string
  sha256: string
  private_line: string | null
  photos: string[]
  state: FactRecordState
  batch: string | null
  /** what the receipt or the changes say of it; null = plain admitted or not known yet */
  verdict: string | null
  receipted_at: string | null
  /** days counted when its receipt came; absent: before there was a count */
  receipted_day?: number
  /** log size of its receipt: rows that cover it contain this fact */
  log_size: number | null
  /** the station refused even a batch of this one fact: kept, shown, tried again by hand */
  parked: string | null
}

export interface OutboxRecord {
  /** `fact:<id>` or `photo:<sha256>` */
  key: string
  kind: 'fact' | 'photo'
  ref: string
  created_at: string
}

export interface BatchRecord {
  id: string
  state: 'prepared' | 'receipted'
  created_at: string
  /** every line, fixed before the first try, so that a retry is byte for byte the same */
  body: string
  manifest: string
  facts: string[]
  receipted_day?: number
}

export interface ReceiptRecord {
  batch: string
  time: string
  text: string
  signature: string
  facts: string[]
  log_size: number
  /** kept beside it, since facts go after thirty days and a receipt stays; absent in receipts of earlier releases */
  inspections?: number
  photos?: string[]
}

export interface IdentityRecord {
  key: 'me'
  enrolment: string
  token: string
  account: string
  account_name: string
  roles: string[]
  areas: string[]
  station: string
  station_name: string
  timezone: string
  server_key: string
  epoch: number
  offset_ms: number | null
  revoked: boolean
  signed_out: boolean
  /** the station met a number twice (a restored profile): this phone has to be enrolled again */
  number_reused: boolean
  enrolled_at: string
  last_contact_at: string | null
  backed_up_to: number
  /** photos whose receipt is older are in the station's backup */
  backed_up_at?: string | null
  /** the station's word that this phone is enrolled, kept for a station that was restored from before */
  statement?: { text: string; signature: string }
  /** days on which the station was heard, and the days both clocks showed at the last count (data/days.ts) */
  days?: { count: number; station: string; phone: string }
  /** what files for the station are closed with; absent until the station told it */
  rescue_key?: RescueKey
  /** tiles the station has for the map; null or absent: none */
  map?: MapSource | null
}

export interface KeyRecord {
  key: 'own_key'
  private_key: CryptoKey
  public_key: string
}

export interface CounterRecord {
  key: 'counter'
  enrolment: string
  next_n: number
}

export interface ReadMarkRecord {
  id: string
  heads: string
}

export interface SettingRecord {
  name: string
  value: Json
}

export class UserDatabase extends Dexie {
  drafts!: EntityTable<DraftRecord, 'id'>
  captureIntents!: EntityTable<CaptureIntentRecord, 'key'>
  photos!: EntityTable<PhotoRecord, 'sha256'>
  photoUses!: Table<PhotoUseRecord, [string, string, string, string]>
  photoBodies!: EntityTable<PhotoBodyRecord, 'sha256'>
  thumbs!: EntityTable<ThumbRecord, 'sha256'>
  facts!: EntityTable<FactRecord, 'id'>
  outbox!: EntityTable<OutboxRecord, 'key'>
  batches!: EntityTable<BatchRecord, 'id'>
  receipts!: EntityTable<ReceiptRecord, 'batch'>
  identity!: EntityTable<IdentityRecord, 'key'>
  keys!: EntityTable<KeyRecord, 'key'>
  counters!: EntityTable<CounterRecord, 'key'>
  readMarks!: EntityTable<ReadMarkRecord, 'id'>
  settings!: EntityTable<SettingRecord, 'name'>

  constructor(name = nameHere(USER_DB_NAME)) {
    super(name, { chromeTransactionDurability: 'strict' })
    // Only ever add a version below; never change or remove one (tests/upgrades opens every released one).
    this.version(1).stores({
      drafts: 'id, site',
      captureIntents: 'key',
      photos: 'sha256, state',
      photoUses: '[draft+subject+role+sha256], draft, sha256',
      photoBodies: 'sha256',
      thumbs: 'sha256',
      facts: 'id, n, sha256, subject, state, batch, log_size, verdict, parked, *photos',
      outbox: 'key, kind, created_at',
      batches: 'id, state',
      receipts: 'batch, time',
      identity: 'key',
      keys: 'key',
      counters: 'key',
      readMarks: 'id',
      settings: 'name',
    })
  }
}
