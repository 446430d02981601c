// When a site is due, and why, in words for the list: the twin of app/sites/rules.py, held to it by tests/vectors/due.json.
// It must not know the clock or the database: today comes in as an argument.

import { addDays, dayFromNumber, dayNumber, daysBetween, firstOfMonth, monthsOf } from '../lib/time'

export const DUE_SOON_DAYS = 7
/** A site registered in the last days of a period has until the end of the next one. */
export const FIRST_VISIT_GRACE_DAYS = 7
const PERIOD_OF_GRADE: { [grade: string]: string } = { A: 'P1M', B: 'P3M', C: 'P6M' }
const GRADE_WHEN_UNSET = 'C'
const MONTHS: { [period: string]: number } = { P1M: 1, P3M: 3, P6M: 6, P1Y: 12 }
const THIS_PERIOD: { [period: string]: string } = { P1M: '本月', P3M: '本季度', P6M: '本半年', P1Y: '今年' }

export type DueState = 'overdue' | 'due_soon' | 'due' | 'done' | 'never'
export interface Due {
  state: DueState
  due_on: string
  days_left: number
  /** a sentence */
  reason: string
  /** two words */
  chip: string
}
export interface DueInput {
  grade: string | null
  last_inspected_on: string | null
  registered_on: string
  today: string
  period?: string | null
}
export type Frequency = { [key: string]: unknown }

/** High-risk sites count as A until somebody grades them; the others as C. */
export function effectiveGrade(grade: string | null, highRisk: boolean): string {
  if (grade !== null && grade in PERIOD_OF_GRADE) return grade
  return highRisk ? 'A' : GRADE_WHEN_UNSET
}

/** The shortest period any checklist of the site's place types asks of this grade. */
export function periodFor(grade: string | null, highRisk: boolean, frequencies: readonly Frequency[]): string {
  const effective = effectiveGrade(grade, highRisk)
  const asked = frequencies.map((frequency) => String(frequency[frequency.mode === 'seasonal' ? 'normal' : effective]))
  const known = asked.filter((period) => periodDays(period) > 0).sort((a, b) => periodDays(a) - periodDays(b))
  return known[0] ?? PERIOD_OF_GRADE[effective] ?? 'P6M'
}

export function due(input: DueInput): Due {
  const { grade, last_inspected_on: last, today } = input
  const period = input.period ?? PERIOD_OF_GRADE[effectiveGrade(grade, false)] ?? 'P6M'
  // a last day in the future (a phone's wrong clock) counts as inspected
  const done = last !== null && last >= periodStart(today, period)
  const dueOn = last === null ? periodEnd(addDays(input.registered_on, FIRST_VISIT_GRACE_DAYS), period) : nextDue(last, period)
  const daysLeft = daysBetween(today, dueOn)
  const state = stateOf(done, last === null, daysLeft)
  const rank = grade !== null && grade in PERIOD_OF_GRADE ? `${grade}级` : '未定级'
  const [what, chip] = wordsOf(state, period, daysLeft)
  const said = state === 'overdue' && last === null ? `还没查过，${what}` : what
  return { state, due_on: dueOn, days_left: daysLeft, reason: `${rank}，${said}`, chip }
}

export function periodStart(day: string, period: string): string {
  const months = MONTHS[period]
  if (months === undefined) return dayFromNumber(dayNumber(day) - periodDays(period) + 1)
  return firstOfMonth(Math.floor(monthsOf(day) / months) * months)
}

export function periodEnd(day: string, period: string): string {
  const months = MONTHS[period]
  if (months === undefined) return addDays(day, periodDays(period) - 1)
  return addDays(firstOfMonth(monthsOf(periodStart(day, period)) + months), -1)
}

function nextDue(last: string, period: string): string {
  const after = addDays(periodEnd(last, period), 1)
  return period in MONTHS ? periodEnd(after, period) : after
}

function stateOf(done: boolean, never: boolean, daysLeft: number): DueState {
  if (done) return 'done'
  if (daysLeft < 0) return 'overdue'
  if (never) return 'never'
  return daysLeft <= DUE_SOON_DAYS ? 'due_soon' : 'due'
}

/** 本月, 本季度, or how often. */
export function spanWords(period: string): string {
  return THIS_PERIOD[period] ?? `每 ${periodDays(period)} 天一次`
}

function wordsOf(state: DueState, period: string, daysLeft: number): [string, string] {
  const span = spanWords(period)
  const left = daysLeft === 0 ? '今天到期' : `剩 ${daysLeft} 天`
  if (state === 'done') return [`${span}已查`, period in MONTHS ? `${span}已查` : '已查']
  if (state === 'overdue') return [`过期 ${-daysLeft} 天`, `过期 ${-daysLeft} 天`]
  if (state === 'never') return ['还没查过', '还没查过']
  return state === 'due_soon' ? [`${span}还没查，${left}`, left] : [`${span}还没查`, `${span}要查`]
}

/** Length for comparing periods; 0 for what is no period known here. */
function periodDays(period: string): number {
  const months = MONTHS[period]
  if (months !== undefined) return months * 30
  const digits = /^P(\d{1,4})D$/.exec(period)
  return digits ? Number(digits[1]) : 0
}
