// What is known of restores of this station from a backup: asked anew each time, it shrinks as phones come by.

import { get, type Result } from './client'

export interface LostRange { epoch: number; first: number; last: number }
export interface LackingBatch { batch: string; phone: string; name: string; facts: number; lacking: string[] }
export interface LackingPhone { phone: string; name: string; announced: number; received: number }
export interface ReturnedNumber { number: string; interim: string; given_back: boolean; hazard: string }
export interface Person { account: string; name: string; login: string; active: boolean; roles: string[]; told_by_phones: boolean }
export interface NamedPhone { enrolment: string; account: string; name: string; phone: string; seen_at: string | null; came_back: boolean; after_backup: boolean }
export interface Decided {
  at: string; kind: string; subject: string; name: string; by: string
  active?: boolean; roles?: string[]; state?: string; label?: string; checklist?: string; version?: number; login?: string
}
export interface Nameless { account: string; facts: number; phone: string }
export interface LackingChecklist { checklist: string; version: number; inspections: number }
export interface Unfinished { type: 'hazard' | 'inspection'; id: string; number: string | null; site: string; by: string }

export interface Report {
  set_name: string; made_at: string; restored_at: string; size: number
  /** after the backup, as far as anybody proved; and how many of these are back */
  lost: number; returned: number
  missing: LostRange[]; batches: LackingBatch[]; phones: LackingPhone[]; numbers: ReturnedNumber[]; photos: string[]
  named: { people: Person[]; phones: NamedPhone[]; decided: Decided[]; nameless: Nameless[]; checklists: LackingChecklist[]; unfinished: Unfinished[] }
}
export interface Restore { epoch: number; from_epoch: number; size: number; set_name: string; made_at: string; restored_at: string }
export interface Restores { restored: boolean; complete: boolean; report: Report | null; history: Restore[] }

export const askRestores = (): Promise<Result<Restores>> => get('/restores')
