// The plain Chinese a verdict is told in, one template per reason code, and filling of templates.
// It judges nothing. The same table as app/checklists/sentences.py.

import type { Basis, Blank, Reason } from './types.ts'

export const SENTENCES: Record<string, string> = {
  above_max: '{noun}{value} {unit}，超过 {limit} {unit}，判不合格',
  below_min: '{noun}{value} {unit}，不足 {limit} {unit}，判不合格',
  within_limits: '{noun}{value} {unit}，合格',
  limit_missing: '档案里没有限量，看{hint}，按现场判一下',
  increase_over: '比上次的 {previous} {unit} 多 {increase} {unit}，超过 {limit}，判不合格',
  increase_within: '比上次的 {previous} {unit} 多 {increase} {unit}，合格',
  increase_none: '没有比上次的 {previous} {unit} 多，合格',
  no_previous: '没有上次的读数，先记下，下次来比',
  unmeasured: '没量到，先记下',
  too_old: '{age}，超过 {limit}，判不合格',
  in_age: '{age}，没超过 {limit}，合格',
  expired: '{value}到期，已过 {days} 天，判不合格',
  expired_month: '{value}到期，已经过了，判不合格',
  not_expired: '{value}到期，还有 {days} 天，合格',
  not_expired_month: '{value}到期，还没过，合格',
  expires_today: '今天到期，今天还合格',
  date_unknown_fails: '说不清日期，判不合格',
  date_unknown: '日期没看到，先记下',
  date_in_future: '日期在今天以后，再看一眼，也看看手机的日子对不对',
  option_fails: '{value}，判不合格',
  judged_fail: '按现场看到的，判不合格',
  judged_pass: '按现场看到的，判合格',
  pending: '先答「{item}」，再看要不要查这一项',
  not_applicable: '按前面的答案，不用查这一项',
  not_applicable_file: '按档案，不用查这一项',
  condition_unknown: '说不准要不要查，现场没有就答无此项',
  answer_not_understood: '这个答案看不懂，请重填',
  level_suspected: '疑似重大，交站长判定',
}

// a working document of the stations has no number people could look up; stays Chinese: part of the hazard's basis
export const SEED_LABEL = '工作要求'

const GAP = /\{([A-Z]{2,6}-[0-9]{1,3}|[a-z_]+)\}/g

/** The names in braces, each once, in the order written. */
export const gaps = (template: string): string[] => [...new Set([...template.matchAll(GAP)].map((gap) => gap[1] ?? ''))]

/** Replace what is known; what is not known stays as it is, braces and all. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  const known = new Map(Object.entries(values))
  return template.replace(GAP, (gap: string, name: string) => known.get(name) ?? gap)
}

/** A finding as text; a blank nobody has filled shows its default, else its label: 【部位】. stays Chinese: the finding */
export function fillFinding(template: string, values: Readonly<Record<string, string>>, blanks: readonly Blank[]): string {
  const shown = Object.fromEntries(blanks.map((blank) => [blank.id, blank.default ?? `【${blank.label}】`]))
  return fill(template, { ...shown, ...values })
}

export const sentenceOf = (reasons: readonly Reason[]): string =>
  reasons.flatMap(({ code, params }) => (SENTENCES[code] ? [fill(SENTENCES[code], params)] : [])).join('；')

/** The bases in one line; unverified clauses never stand beside better ones, alone they are marked 待核. stays Chinese: the hazard's basis */
export function basisText(basis: readonly Basis[]): string {
  const firm = basis.filter((entry) => entry.status !== 'unverified')
  const lines = (firm[0] ? firm : basis).map(({ status, ref, clause, quote }) => {
    const said = (status === 'seed' ? SEED_LABEL : ref) + (clause && firm[0] ? ` ${clause}` : '')
    return said + (quote ? `“${quote}”` : '') + (firm[0] ? '' : '（待核）')
  })
  return [...new Set(lines)].join('；')
}
