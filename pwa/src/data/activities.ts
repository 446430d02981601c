// 活动: forms that are data (trainings, drills, zero reports ...), filled into one fact each; also without signal.
// A form without a required question that has no answer yet can be recorded at once. It must not know any single form.

import type { ActivityRow, Json, JsonObject } from '../contract/wire'
import { FORM_PREFIX, latestBriefs, loadChecklist } from './checklists'
import { emptyStep } from './begin'
import { insertDraft, openDrafts } from './drafts'
import { commitStep } from './finish'
import { me, stationDay } from './identity'
import { loaded, type Loaded } from './loaded'
import { Refusal, attempt } from './outcome'
import { rowsOf } from './rows'
import type { Outcome, StepDraft } from './types'

export interface FormItem {
  id: string
  text: string
  answer: { type: 'text' | 'number' | 'choice' | 'day'; options?: string[]; unit_label?: string }
  required?: boolean
  default?: string
}

export interface ActivityForm {
  id: string
  version: number
  sha256: string
  type: string
  title: string
  lead?: string
  /** what is said when it is recorded with its usual answers in one tap */
  quick?: string
  photos?: boolean
  items: FormItem[]
}

export interface Activities {
  forms: ActivityForm[]
  recorded: ActivityRow[]
  /** titles by the forms' words, for what is in the list */
  titles: { [type: string]: string }
}

const RECORDED_SHOWN_MAX = 20

export async function loadForm(id: string, version?: number): Promise<ActivityForm | null> {
  const text = await loadChecklist(id, version)
  return text && { ...(text.content as unknown as ActivityForm), id, version: text.version, sha256: text.sha256 }
}

export function useActivities(): Loaded<Activities> {
  return loaded(['rows', 'facts', 'identity'], async () => {
    const briefs = (await latestBriefs()).filter(({ checklist }) => checklist.startsWith(FORM_PREFIX))
    const forms = (await Promise.all(briefs.map(({ checklist, version }) => loadForm(checklist, version)))).filter((form) => form !== null)
    const mine = (await me())?.account
    const recorded = (await rowsOf('activity')).filter((each) => each.author === mine && Boolean(each.form)).sort((a, b) => (a.at < b.at ? 1 : -1))
    return { forms: forms.sort(quickFirst), recorded: recorded.slice(0, RECORDED_SHOWN_MAX), titles: Object.fromEntries(forms.map((form) => [form.type, form.title])) }
  })
}

function quickFirst(a: ActivityForm, b: ActivityForm): number {
  return Number(Boolean(b.quick)) - Number(Boolean(a.quick)) || (a.id < b.id ? -1 : 1)
}

async function begun(form: ActivityForm): Promise<StepDraft> {
  const entries = form.items.flatMap(({ id, default: usual }) => (usual === undefined ? [] : [{ item: id, value: usual }]))
  const fields: JsonObject = { type: form.type, form: form.id, form_version: form.version, form_sha256: form.sha256, day: stationDay(await me()), entries: entries as unknown as Json }
  return emptyStep('activity.recorded', null, fields, null)
}

/** One that is begun and not finished is gone on with. */
export async function openActivity(id: string): Promise<Outcome<string>> {
  return attempt(async () => {
    const open = (await openDrafts()).find((draft) => draft.type === 'step' && draft.kind === 'activity.recorded' && draft.fields['form'] === id)
    if (open) return open.id
    const step = await begun(await must(id))
    await insertDraft(step)
    return step.id
  })
}

/** With its usual answers, in one tap; only where the form says so. */
export async function recordAtOnce(id: string): Promise<Outcome<null>> {
  return attempt(async () => {
    const form = await must(id)
    if (!form.quick) throw new Refusal('not_quick', '这张表要打开来填')
    await commitStep(await begun(form))
    return null
  })
}

async function must(id: string): Promise<ActivityForm> {
  const form = await loadForm(id)
  if (!form) throw new Refusal('form_missing', '这张活动表还没取到手机上，请有信号时打开一次', true)
  return form
}

/** The first question that has to be answered and is not; null when none is. */
export async function openQuestion({ fields }: StepDraft): Promise<string | null> {
  const form = await loadForm(String(fields['form']), Number(fields['form_version']))
  const said = new Set(((fields['entries'] ?? []) as { item: string }[]).map(({ item }) => item))
  return form?.items.find(({ id, required }) => required && !said.has(id))?.text ?? null
}
