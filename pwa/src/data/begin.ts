// Beginnings: opening a visit, opening a later statement about something.
// It must not finish anything (one_tap.ts does for a new site and a feedback).

import type { HazardRow, InspectionRow, JsonObject, Method, RowType } from '../contract/wire'
import { withUser } from '../db/access'
import { instant, now } from '../lib/time'
import { uuid7 } from '../lib/uuid7'
import { loadChecklist } from './checklists'
import { draftOf, insertDraft, openDrafts } from './drafts'
import { me, stationDay } from './identity'
import { Refusal, attempt } from './outcome'
import { headsOf, row } from './rows'
import type { InspectionDraft, Outcome, StepDraft, StepKind } from './types'

/** An open draft of the same site and checklist is opened again: two half-filled ones help nobody. */
export async function openDraft(site: string, checklist: string, method: Method = 'routine'): Promise<Outcome<string>> {
  return attempt(async () => {
    const open = (await openDrafts()).find((draft) => draft.type === 'inspection' && draft.site === site && draft.checklist === checklist)
    if (open) return open.id
    const text = await loadChecklist(checklist)
    if (!text) throw new Refusal('checklist_missing', '这张检查表还没取到手机上，请有信号时打开一次', true)
    const draft = { ...emptyInspection(site, text), method }
    await insertDraft(draft)
    return draft.id
  })
}

function emptyInspection(site: string, text: { id: string; version: number; sha256: string }): InspectionDraft {
  const at = now()
  return {
    type: 'inspection', id: uuid7(at), site, checklist: text.id, checklist_version: text.version, checklist_sha256: text.sha256,
    method: 'routine', started_at: instant(at), answers: {}, hazards: [], attendance: null, companions: [], remark: '',
    on_site_name: '', on_site_post: '', on_site_phone: '', place: {}, updated_at: instant(at), revision: 0,
  }
}

/** A small draft for one later statement; without a subject it is about something new. */
export async function openStep(kind: StepKind, subject: string | null, fields: JsonObject = {}, site?: string): Promise<Outcome<string>> {
  return attempt(async () => {
    const open = subject === null ? undefined : await openStepOn(kind, subject)
    if (open) return open
    const step = await emptyStep(kind, subject, fields, site ?? null)
    await insertDraft(step)
    return step.id
  })
}

async function openStepOn(kind: StepKind, subject: string): Promise<string | undefined> {
  const records = await withUser((db) => db.drafts.toArray())
  const match = records.find((record) => record.discarded_at === null && record.kind === kind && draftOf(record).type === 'step' && record.subject === subject)
  return match?.id
}

export async function emptyStep(kind: StepKind, subject: string | null, fields: JsonObject, site: string | null): Promise<StepDraft> {
  const at = now()
  const type = kind.split('.')[0] as RowType
  const seen = subject === null ? [] : await headsOf(type, subject)
  const about = subject ?? uuid7(at)
  return { type: 'step', id: uuid7(at), kind, subject: about, site: site ?? (await siteOf(type, about)), fields, seen, place: {}, updated_at: instant(at), revision: 0 }
}

async function siteOf(type: RowType, subject: string): Promise<string | null> {
  if (type === 'site') return subject
  if (type !== 'hazard' && type !== 'inspection') return null
  return (await row(type, subject))?.site ?? null
}

export async function recheck(hazard: string): Promise<Outcome<string>> {
  return openStep('hazard.rechecked', hazard, { rechecked_on: stationDay(await me()) })
}

/** The answer to returned work; only what the inspector changes goes into it. */
export async function correct(item: HazardRow | InspectionRow): Promise<Outcome<string>> {
  return openStep(item.type === 'hazard' ? 'hazard.resubmitted' : 'inspection.corrected', item.id, {}, item.site)
}
