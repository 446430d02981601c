// What a fact is called in lists on the phone: one short line per kind. A new kind is one new line.
// It must not be part of any fact.

import type { JsonObject } from '../contract/wire'
import { checklistTitles } from './checklists'
import { row } from './rows'
import type { StepDraft } from './types'

const WHAT: { [kind: string]: string } = {
  'inspection.submitted': '检查',
  'inspection.corrected': '补正检查',
  'hazard.found': '隐患',
  'hazard.amended': '改隐患',
  'hazard.resubmitted': '补正隐患',
  'hazard.spot_fixed': '当场改好',
  'hazard.fix_reported': '报整改',
  'hazard.rechecked': '复查',
  'hazard.noted': '补充说明',
  'document.issued': '整改通知书',
  'site.registered': '新场所',
  'site.amended': '改场所资料',
  'activity.recorded': '意见反馈',
  'photo.lost': '照片缺失',
}

export function kindWords(kind: string): string {
  return WHAT[kind] ?? '记录'
}

export async function stepTitle(step: StepDraft): Promise<string> {
  const form = textOf(step.fields, 'form')
  if (form) return (await checklistTitles()).get(form) ?? '活动'
  const about = textOf(step.fields, 'name') ?? (await subjectName(step)) ?? textOf(step.fields, 'text') ?? ''
  return about === '' ? kindWords(step.kind) : `${kindWords(step.kind)}：${about}`
}

async function subjectName({ kind, subject, site }: StepDraft): Promise<string | null> {
  if (kind.startsWith('hazard.')) return (await row('hazard', subject))?.finding ?? null
  return site === null ? null : ((await row('site', site))?.name ?? null)
}

function textOf(fields: JsonObject, name: string): string | null {
  const value = fields[name]
  return typeof value === 'string' && value !== '' ? value.slice(0, 40) : null
}
