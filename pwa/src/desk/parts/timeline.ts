// One fact of a history as a person reads it: what happened, when by which clock, and when the station had it. Pure.

import type { Entry } from '../data/types'
import { clockWords, dayWords } from '../saying'
import { DISPOSITION, LEVEL, QUARANTINED, RECHECK, STEP, fieldName, word } from '../words'

export interface Happening {
  what: string
  /** the fields and words of the fact, one line each */
  lines: string[]
  clock: string
  clockRight: boolean
  byDesk: boolean
}

const SHOWN_FIELDS = ['finding', 'spot', 'measure', 'deadline', 'fix_owner', 'fund_wan', 'contingency', 'document_no', 'new_deadline', 'category', 'grade', 'name', 'address']

const SAID_ANEW = ['reply', 'reason']
/** Kinds of which a null was said on purpose: it emptied a field. */
const EMPTYING = ['hazard.amended', 'hazard.resubmitted', 'hazard.ordered', 'inspection.corrected', 'site.amended']

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function remarkLines(value: unknown): string[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((each) => {
    const remark = each as { field?: unknown; text?: unknown }
    return text(remark.text) ? [`${fieldName(text(remark.field))}：${text(remark.text)}`] : []
  })
}

function lead(entry: Entry): string {
  const body = entry.body
  if (entry.kind === 'hazard.confirmed') return `定为${word(LEVEL, text(body['level']))}`
  if (entry.kind === 'hazard.rechecked') return `复查：${word(RECHECK, text(body['result']))}`
  if (entry.kind === 'inspection.reviewed') return body['outcome'] === 'returned' ? '退回整份检查' : '收下整份检查'
  if (entry.kind === 'hazard.linked') return body['relation'] === 'same' ? '认定和另一条是同一处' : '认定和另一条不是同一处'
  if (entry.kind === 'photo.checked') return body['result'] === 'fine' ? '核实了照片，没问题' : '核实了照片，要补拍'
  if (entry.kind === 'hazard.ordered') return `责令${word(DISPOSITION, text(body['disposition']) || 'by_deadline')}`
  return word(STEP, entry.kind) || '一条记录'
}

function emptied({ kind, body }: Entry): string[] {
  if (kind === null || !EMPTYING.includes(kind)) return []
  return Object.keys(body).filter((name) => body[name] === null && !SAID_ANEW.includes(name)).map((name) => `${fieldName(name)}：去掉了`)
}

function lines(entry: Entry): string[] {
  const body = entry.body
  const shown = entry.kind === 'hazard.found' ? [] : SHOWN_FIELDS.filter((name) => text(body[name]))
  const told = shown.map((name) => `${fieldName(name === 'new_deadline' ? 'deadline' : name)}：${name.endsWith('deadline') ? dayWords(text(body[name]), entry.at ?? '') : text(body[name])}`)
  const words = ['reason', 'note', 'text', 'reply', 'override_reason'].map((name) => text(body[name])).filter(Boolean)
  return [...remarkLines(body['remarks']), ...told, ...emptied(entry), ...words]
}

export function happening(entry: Entry): Happening {
  const byDesk = entry.enrolment === null || entry.enrolment === undefined
  const clock = byDesk ? '' : clockWords(entry.offset_ms)
  const what = entry.admitted ? lead(entry) : `${lead(entry)}（${QUARANTINED}）`
  return { what, lines: lines(entry), clock, clockRight: clock === '' || clock === '时间准', byDesk }
}
