// The answers of an inspection beside the checklist it was filled with: failed ones first, values with their unit. Pure.

import type { Json } from '@/contract/wire'
import type { ChecklistContent, InspectionRow } from '../data/types'
import type { Tone } from '@/ui/Pill.vue'
import { ANSWERED, VERDICT } from '../words'

export interface AnswerLine {
  item: string
  text: string
  verdict: string
  value: string
  how: string
  note: string
}

const ORDER = ['fail', 'unmeasured', 'unanswered', 'reading', 'pass', 'na']

export function valueWords(value: Json | undefined, unit: string): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return value ? '是' : '否'
  if (typeof value === 'number') return `${String(value)}${unit ? ` ${unit}` : ''}`
  if (typeof value === 'string') {
    if (value === 'unknown') return '说不清'
    const month = /^(\d{4})-(\d{2})$/.exec(value)
    if (month) return `${String(month[1])}年${String(Number(month[2]))}月`
    return value in VERDICT ? '' : value
  }
  if (Array.isArray(value)) return value.map((each) => valueWords(each, unit)).filter(Boolean).join('、')
  const { value: own, blanks } = value
  if (own === undefined) return JSON.stringify(value)
  const filled = typeof blanks === 'object' && blanks !== null ? Object.values(blanks) : []
  return [valueWords(own, unit), ...filled.map((each) => valueWords(each, ''))].filter(Boolean).join('、')
}

export function answerLines(answers: InspectionRow['answers'], content: ChecklistContent | null): AnswerLine[] {
  const items = new Map((content?.items ?? []).map((item, place) => [item.id, { item, place }]))
  const rank = (verdict: string): number => (ORDER.includes(verdict) ? ORDER.indexOf(verdict) : ORDER.length)
  const placeOf = (id: string): number => items.get(id)?.place ?? Number.MAX_SAFE_INTEGER
  return [...answers]
    .sort((one, other) => rank(one.verdict) - rank(other.verdict) || placeOf(one.item) - placeOf(other.item))
    .map((answer) => ({
      item: answer.item,
      text: items.get(answer.item)?.item.text ?? '检查表里没有这一项',
      verdict: answer.verdict,
      value: valueWords(answer.value, items.get(answer.item)?.item.answer?.unit_label ?? ''),
      how: ANSWERED[answer.source] ?? '',
      note: answer.note ?? '',
    }))
}

export function countWords(counts: InspectionRow['counts']): string {
  if (!counts) return ''
  const total = counts.pass + counts.fail + counts.na + counts.reading + counts.unanswered
  const parts = [
    [counts.pass, '合格'], [counts.fail, '不合格'], [counts.na, '无此项'], [counts.reading, '读数'], [counts.unanswered, '没答'],
  ] as const
  const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${String(count)} ${what}`)
  return `${String(total)} 项：${told.join('，')}`
}

/** The same counts as words on grounds; what is not there is not said. */
export function countPills(counts: InspectionRow['counts']): { tone: Tone; text: string }[] {
  if (!counts) return []
  const all: [number, string, Tone][] = [
    [counts.fail, '不合格', 'fail'], [counts.pass, '合格', 'pass'], [counts.na, '无此项', 'na'], [counts.reading, '读数', 'info'], [counts.unanswered, '没答', 'accent'],
  ]
  return all.filter(([count]) => count > 0).map(([count, what, tone]) => ({ tone, text: `${what} ${String(count)}` }))
}
