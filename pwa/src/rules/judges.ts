// One answer against its answer rule: read it, judge it. One judge per answer type.
// It knows nothing of other items, conditions or levels (evaluate.ts does); today is an argument.
// The same as app/checklists/judges.py.

import { LANGUAGE } from '../lib/app_address.ts'
import type { Day } from './days.ts'
import {
  ageText,
  dayNumber,
  dayText,
  due,
  durationText,
  isoOf,
  microText,
  monthNumber,
  numberText,
  parseDay,
  parseDuration,
  parseNumber,
} from './days.ts'
import type { Value } from './expression.ts'
import { micro } from './expression.ts'
import type { AnswerRule, Item, Reason, VerdictCode } from './types.ts'

/** An answer as read: at most one of na, choice, number, day, option, unmeasured is set. */
export interface Answer {
  given: boolean
  understood: boolean
  na?: true
  choice?: 'pass' | 'fail'
  number?: number
  day?: Day
  option?: string
  unmeasured?: true
  judged: 'pass' | 'fail' | null
  blanks: ReadonlyMap<string, string>
}

export interface Judgement {
  verdict: VerdictCode
  reasons: Reason[]
  limit?: string
  previous?: string
}

export interface Limits {
  minimum: number | undefined
  maximum: number | null | undefined
  max_increase: number | undefined
}

type Wrapped = Readonly<Record<string, unknown>>

export const isMapping = (value: unknown): value is Wrapped =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a condition sees; an unmeasured answer is unknown. */
export const valueOf = (answer: Answer): Value =>
  answer.na ? 'na' : (answer.number ?? (answer.day ? isoOf(answer.day) : (answer.choice ?? answer.option ?? null)))

// stays Chinese: part of the finding
function readBlanks(raw: unknown): Map<string, string> {
  const read = new Map<string, string>()
  for (const [name, value] of isMapping(raw) ? Object.entries(raw) : []) {
    const number = parseNumber(value)
    const parts = number === null ? [value].flat() : [numberText(number, 0)]
    const text = parts.filter((part) => typeof part === 'string').join('、')
    if (text) read.set(name, text)
  }
  return read
}

function readValue(rule: AnswerRule, raw: unknown): Partial<Answer> | null {
  if (raw === 'na') return { na: true }
  if (rule.type === 'pass_fail_na') return raw === 'pass' || raw === 'fail' ? { choice: raw } : null
  if (rule.type === 'number') {
    const number = parseNumber(raw)
    return number === null ? null : { number }
  }
  if (rule.type === 'date') {
    const day = parseDay(raw)
    return day && { day }
  }
  return typeof raw === 'string' && rule.options?.includes(raw) ? { option: raw } : null
}

/** A plain value, or an object {value | unmeasured | unknown, judged, blanks}; never throws. */
export function readAnswer(item: Item, raw: unknown): Answer {
  const wrapped: Wrapped = isMapping(raw) ? raw : { value: raw }
  const judged = wrapped.judged === 'pass' || wrapped.judged === 'fail' ? wrapped.judged : null
  const read: Answer = { given: true, understood: true, judged, blanks: readBlanks(wrapped.blanks) }
  if (wrapped.unmeasured === true || wrapped.unknown === true) return { ...read, unmeasured: true }
  if (wrapped.value === null || wrapped.value === undefined) return { ...read, given: false }
  const value = readValue(item.answer, wrapped.value)
  return value ? { ...read, ...value } : { ...read, given: false, understood: false }
}

const judgement = (verdict: VerdictCode, code: string, params: Record<string, string> = {}): Judgement => ({
  verdict,
  reasons: [{ code, params }],
})

function figures<K extends string>(rule: AnswerRule, millionths: Record<K, number>): Record<K | 'noun' | 'unit', string> {
  const texts = Object.entries<number>(millionths).map(([name, each]) => [name, microText(each, rule.decimals ?? 0)])
  return { noun: rule.noun ? `${rule.noun} ` : '', unit: rule.unit_label ?? '', ...Object.fromEntries(texts) }
}

function judgeIncrease(rule: AnswerRule, value: number, limits: Limits, before: Answer): Judgement {
  if (before.number === undefined) return judgement('reading', 'no_previous')
  const limit = micro(parseNumber(limits.max_increase) ?? 0)
  const previous = micro(before.number)
  const increase = value - previous
  const code = increase <= 0 ? 'increase_none' : increase > limit ? 'increase_over' : 'increase_within'
  const params = figures(rule, { previous, increase, limit })
  return { ...judgement(increase > limit ? 'fail' : 'pass', code, params), previous: params.previous }
}

function judgeNumber(rule: AnswerRule, number: number, limits: Limits, before: Answer): Judgement {
  const value = micro(number)
  for (const [bound, outside, code] of [
    [parseNumber(limits.minimum), -1, 'below_min'],
    [parseNumber(limits.maximum), 1, 'above_max'],
  ] as const) {
    if (bound !== null && (value - micro(bound)) * outside > 0) {
      const params = figures(rule, { value, limit: micro(bound) })
      return { ...judgement('fail', code, params), limit: params.limit }
    }
  }
  if (rule.compare) return judgeIncrease(rule, value, limits, before)
  if (rule.max_from && limits.maximum === null) return judgement('reading', 'limit_missing', { hint: rule.limit_hint ?? '' })
  return judgement('pass', 'within_limits', figures(rule, { value }))
}

function judgeExpiry(day: Day, today: Day): Judgement {
  const days = dayNumber(day) - dayNumber(today)
  const value = LANGUAGE === 'en' ? isoOf(day) : dayText(day) // only shown; a finding has its dayText from case.ts
  if (days < 0) return judgement('fail', day.exact ? 'expired' : 'expired_month', { value, days: String(-days) })
  const code = !day.exact ? 'not_expired_month' : days === 0 ? 'expires_today' : 'not_expired'
  return judgement('pass', code, { value, days: String(days) })
}

function judgeDate(rule: AnswerRule, day: Day, today: Day): Judgement {
  const duration = parseDuration(rule.max_age ?? '')
  if (rule.not_expired || !duration) return judgeExpiry(day, today)
  const inFuture = day.exact ? dayNumber(day) > dayNumber(today) : monthNumber(day) > monthNumber(today)
  if (inFuture) return judgement('unmeasured', 'date_in_future')
  const params = { age: ageText(day, today, duration), limit: durationText(duration) }
  const old = dayNumber(today) > due(day, duration)
  return old ? judgement('fail', 'too_old', params) : judgement('pass', 'in_age', params)
}

function judgeGiven(item: Item, answer: Answer, limits: Limits, before: Answer, today: Day): Judgement {
  const rule = item.answer
  if (answer.na) return judgement('na', 'answered_na')
  if (answer.unmeasured) {
    if (rule.unknown === 'fail') return judgement('fail', 'date_unknown_fails')
    return judgement('unmeasured', rule.type === 'date' ? 'date_unknown' : 'unmeasured')
  }
  if (item.role === 'reading') return judgement('reading', 'reading')
  if (answer.choice) return judgement(answer.choice, `answered_${answer.choice}`)
  if (answer.number !== undefined) return judgeNumber(rule, answer.number, limits, before)
  if (answer.day) return judgeDate(rule, answer.day, today)
  const value = answer.option ?? ''
  return rule.fail_options?.includes(value)
    ? judgement('fail', 'option_fails', { value })
    : judgement('pass', 'option_passes', { value })
}

/** What the inspector saw may make a verdict worse, and decide where the rule cannot. */
function withOwnEyes(item: Item, answer: Answer, judged: Judgement): Judgement {
  if (item.role === 'reading' || answer.choice || !answer.judged) return judged
  const undecided = judged.verdict === 'reading' || judged.verdict === 'unmeasured'
  const worse = answer.judged === 'fail' && judged.verdict === 'pass'
  if (!undecided && !worse) return judged
  const reason = { code: `judged_${answer.judged}`, params: {} }
  return { ...judged, verdict: answer.judged, reasons: [...judged.reasons, reason] }
}

export function judge(item: Item, answer: Answer, limits: Limits, before: Answer, today: Day): Judgement {
  if (!answer.understood) return judgement('unanswered', 'answer_not_understood')
  if (!answer.given) return judgement('unanswered', 'unanswered')
  return withOwnEyes(item, answer, judgeGiven(item, answer, limits, before, today))
}
