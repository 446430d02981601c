// What a checklist is (schema grid-checklist/2) and what judging one gives: the names of the JSON, as they are.
// The same shapes as app/checklists/checklist.py. It knows no storage, no screen and no rule.

export type Level = 'general' | 'suspected_major'
export type Applies = 'yes' | 'no' | 'pending'
export type VerdictCode = 'pass' | 'fail' | 'na' | 'reading' | 'unanswered' | 'unmeasured'

export interface Basis {
  ref: string
  status: 'seed' | 'verified' | 'secondary' | 'unverified'
  clause?: string
  quote?: string
  note?: string
}

/** One gap of a sentence: chips to tap (choice), chips or a few words (text), or a number. */
export interface Blank {
  id: string
  label: string
  type: 'choice' | 'text' | 'number'
  options?: string[]
  multiple?: true
  default?: string
  unit_label?: string
}

export interface Sentence {
  template: string
  blanks?: Blank[]
}

export interface Finding extends Sentence {
  if_unknown?: string
  if_judged?: string
}

export interface AnswerRule {
  type: 'pass_fail_na' | 'number' | 'date' | 'choice'
  unit?: string
  unit_label?: string
  decimals?: number
  noun?: string
  helper?: string
  min?: number
  max?: number
  max_from?: string
  limit_hint?: string
  compare?: 'previous'
  max_increase?: number
  configurable?: true
  meaning?: string
  max_age?: string
  not_expired?: true
  unknown?: 'fail'
  options?: string[]
  fail_options?: string[]
}

export interface Item {
  id: string
  section: string
  text: string
  answer: AnswerRule
  basis: Basis[]
  /** the ledger's 隐患类别 where it is not the checklist's */
  category?: string
  role?: 'reading'
  focus?: true
  applies_if?: string
  na_if?: string
  notices?: { if: string; text: string }[]
  level?: Level
  level_if?: string
  level_note?: string
  finding?: Finding
  record?: Sentence
  measures?: string[]
  deadline_days?: number
  photo?: 'fail' | 'none'
  how?: string
  handoff?: string
}

export interface Checklist {
  schema: string
  id: string
  version: number
  title: string
  short: string
  category: string
  place_types: string[]
  place_type_note?: string
  industry_dept: string
  focus: string
  procedure: string
  aliases: string[]
  frequency: Record<string, string>
  default_deadline_days: number
  items: Item[]
}

/** An answer as kept: a plain value, or an object when there is more to say. */
export type PlainAnswer = string | number
export interface AnswerObject {
  value?: PlainAnswer | null
  /** a number that could not be measured */
  unmeasured?: true
  /** a date nobody can tell */
  unknown?: true
  /** what the inspector saw: may make a verdict worse, and decides where the rule cannot */
  judged?: 'pass' | 'fail'
  /** gaps of the sentence filled beside the answer */
  blanks?: Record<string, string | number | string[]>
}
export type AnswerValue = PlainAnswer | AnswerObject
export type Answers = Readonly<Record<string, unknown>>
export type Fields = Readonly<Record<string, unknown>>

/** Why a verdict is what it is: a stable code, and its figures as people write them. */
export interface Reason {
  code: string
  params: Record<string, string>
}

export interface Verdict {
  item: string
  applies: Applies
  verdict: VerdictCode
  level: Level | null
  reasons: Reason[]
  notices: { code: string; text: string }[]
  sentence: string
}

/** A finding with what is known already in it; `blanks` are those still to be filled. */
export interface FilledFinding {
  template: string
  known: Record<string, string>
  blanks: Blank[]
  text: string
}

export interface HazardToFind {
  item: string
  level: Level
  level_note: string | null
  category: string
  finding: FilledFinding
  measures: string[]
  deadline_days: number
  basis: Basis[]
  basis_text: string
  photo: 'fail' | 'none'
  handoff: string | null
}

export interface Summary {
  items: number
  asked: number
  answered: number
  remaining: number
  pending: number
  pass: number
  fail: number
  na: number
  reading: number
  unmeasured: number
  suspected_major: number
}

export interface Evaluation {
  verdicts: Verdict[]
  summary: Summary
  hazards: HazardToFind[]
}

/** Everything a verdict depends on besides the answers; today comes in, no clock is read. */
export interface Surroundings {
  site: Fields
  settings: Fields
  /** the answers of the last inspection of the same site with this checklist */
  previous: Answers
  /** YYYY-MM-DD in the station's zone */
  today: string
}
