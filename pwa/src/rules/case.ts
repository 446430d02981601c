// One filled checklist under judgement: which items are asked, their verdicts, the hazards they ask for.
// It judges the items it is asked about; who asks: evaluate.ts (all of them), judging.ts (those a tap can reach).

import type { Day } from './days.ts'
import { dayText, numberText, parseDay, parseNumber } from './days.ts'
import type { Expression, Name, NameKind, Value } from './expression.ts'
import { evaluate as evaluateExpression, names, parse } from './expression.ts'
import type { Answer, Judgement, Limits } from './judges.ts'
import { isMapping, judge, readAnswer, valueOf } from './judges.ts'
import { basisText, fill, fillFinding, gaps, SENTENCES, sentenceOf } from './sentences.ts'
import type {
  Answers,
  Applies,
  Blank,
  Checklist,
  Evaluation,
  HazardToFind,
  Item,
  Level,
  Reason,
  Summary,
  Surroundings,
  Verdict,
} from './types.ts'

interface State {
  applies: Applies
  why: Reason | null
}

/** One item judged: its verdict, and the hazard to record where it failed. */
export interface Judged {
  verdict: Verdict
  hazard: HazardToFind | null
}

const WARNINGS = ['condition_unknown', 'date_in_future', 'limit_missing', 'no_previous']

/** Conditions by their text, as far as they were read. */
export type Conditions = Map<string, Expression>

const reason = (code: string, params: Record<string, string> = {}): Reason => ({ code, params })

const short = (item: Item): string => item.answer.noun ?? item.text

/** The answer as it stands in a sentence: 2.3, 2024年9月, 在用. */
function valueText(item: Item, answer: Answer): string | undefined {
  if (answer.number !== undefined) return numberText(answer.number, item.answer.decimals ?? 0)
  return answer.day ? dayText(answer.day) : answer.option
}

/** One filled checklist under evaluation; `states` remembers what was decided already. */
export class Case {
  readonly items: Map<string, Item>
  private readonly answers: Answers
  private readonly states = new Map<string, State>()
  private readonly today: Day
  private readonly checklist: Checklist
  private readonly around: Surroundings

  private readonly known: Conditions

  /** A condition says the same for ever: `known` may be kept from one judging of the checklist to the next. */
  constructor(checklist: Checklist, answers: Answers, around: Surroundings, known: Conditions = new Map()) {
    this.known = known
    this.checklist = checklist
    this.around = around
    const today = parseDay(around.today)
    if (!today?.exact) throw new RangeError(`today is no day: ${around.today}`)
    this.today = today
    this.items = new Map(checklist.items.map((item) => [item.id, item]))
    this.answers = answers
  }

  answer(item: Item): Answer {
    return readAnswer(item, this.answers[item.id])
  }

  readonly lookUp = (kind: NameKind, name: string): Value => {
    if (kind !== 'item') {
      const value = (kind === 'site' ? this.around.site : this.around.settings)[name]
      return ['boolean', 'number', 'string'].includes(typeof value) ? (value as Value) : null
    }
    const item = this.items.get(name)
    if (!item) return null
    const { applies } = this.state(item)
    return applies === 'yes' ? valueOf(this.answer(item)) : applies === 'no' ? 'na' : null
  }

  private read(condition: string): Expression {
    let expression = this.known.get(condition)
    if (expression) return expression
    try {
      expression = parse(condition)
    } catch {
      expression = parse('na') // what this app cannot read is neither true nor false: the item is asked
    }
    this.known.set(condition, expression)
    return expression
  }

  truth(condition: string): boolean | null {
    return evaluateExpression(this.read(condition), this.lookUp)
  }

  names(condition: string): Name[] {
    return names(this.read(condition))
  }

  state(item: Item): State {
    const known = this.states.get(item.id)
    if (known) return known
    // a cycle cannot be published; met anyway, it is cut here instead of never ending
    this.states.set(item.id, { applies: 'yes', why: null })
    const state = this.decide(item)
    this.states.set(item.id, state)
    return state
  }

  private decide(item: Item): State {
    let why: Reason | null = null
    for (const [condition, excludes] of [
      [item.applies_if, false],
      [item.na_if, true],
    ] as const) {
      if (condition === undefined) continue
      const truth = this.truth(condition)
      if (truth === excludes) {
        const byAnswers = this.names(condition).some((name) => name.kind === 'item')
        return { applies: 'no', why: reason(byAnswers ? 'not_applicable' : 'not_applicable_file') }
      }
      if (truth !== null) continue
      const waitsFor = this.unanswered(condition)
      if (waitsFor) return { applies: 'pending', why: reason('pending', { item: short(waitsFor) }) }
      why = reason('condition_unknown')
    }
    return { applies: 'yes', why }
  }

  /** The first item of the condition that an answer could still be given to. */
  private unanswered(condition: string): Item | undefined {
    return this.names(condition)
      .map((name) => (name.kind === 'item' ? this.items.get(name.name) : undefined))
      .find((item) => {
        const applies = item && this.state(item).applies
        return item && (applies === 'pending' || (applies === 'yes' && !this.answer(item).given))
      })
  }

  /** The item's own limits; a station's figures where the item allows; the site's file for one. */
  private limits(item: Item): Limits {
    const rule = item.answer
    const own = rule.configurable ? this.around.settings.limits : null
    const ofItem = isMapping(own) ? own[item.id] : null
    const station = isMapping(ofItem) ? ofItem : {}
    const field = rule.max_from?.slice('site.'.length)
    const siteMax = field === undefined ? null : parseNumber(this.around.site[field])
    return {
      minimum: parseNumber(station.min) ?? rule.min,
      maximum: field === undefined ? (parseNumber(station.max) ?? rule.max) : siteMax,
      max_increase: parseNumber(station.max_increase) ?? rule.max_increase,
    }
  }

  private notices(item: Item, reasons: Reason[]): Verdict['notices'] {
    const own = (item.notices ?? []).filter((notice) => this.truth(notice.if) === true)
    return [
      ...own.map(({ text }) => ({ code: 'notice', text })),
      ...reasons
        .filter(({ code }) => WARNINGS.includes(code))
        .map(({ code, params }) => ({ code, text: fill(SENTENCES[code] ?? '', params) })),
    ]
  }

  private level(item: Item): Level {
    const raised = item.level_if !== undefined && this.truth(item.level_if) === true
    return raised ? 'suspected_major' : (item.level ?? 'general')
  }

  private judgement(item: Item, { applies, why }: State): Judgement {
    const reasons = why ? [why] : []
    if (applies !== 'yes') return { verdict: applies === 'no' ? 'na' : 'unanswered', reasons }
    const before = readAnswer(item, this.around.previous[item.id])
    const judged = judge(item, this.answer(item), this.limits(item), before, this.today)
    if (judged.verdict === 'unanswered') judged.reasons.push(...reasons)
    return judged
  }

  /** The verdict of one item, and the hazard it asks for. */
  judged(item: Item): Judged {
    const state = this.state(item)
    const { applies } = state
    const judgement = this.judgement(item, state)
    const level = judgement.verdict === 'fail' ? this.level(item) : null
    const { reasons } = judgement
    if (level === 'suspected_major') reasons.push(reason('level_suspected'))
    const notices = applies === 'yes' ? this.notices(item, reasons) : []
    const said = notices.filter(({ code }) => code === 'notice').map(({ text }) => text)
    const sentence = [sentenceOf(reasons), ...said].filter(Boolean).join('；')
    const { verdict } = judgement
    return {
      verdict: { item: item.id, applies, verdict, level, reasons, notices, sentence },
      hazard: level && this.hazard(item, level, judgement), // only what failed has a level
    }
  }

  /** What the evaluation itself knows of a gap: the value, its limit, another item's value. */
  private figure(item: Item, judgement: Judgement, gap: string): string | undefined {
    if (gap === 'value') return valueText(item, this.answer(item))
    if (gap === 'limit' || gap === 'previous') return judgement[gap]
    const other = this.items.get(gap)
    return other && this.state(other).applies === 'yes' ? valueText(other, this.answer(other)) : undefined
  }

  /** A figure that should have been measured and was not: then it is a gap to fill like others. stays Chinese: part of the finding */
  private measuredBlank(item: Item, gap: string): Blank {
    const rule = (this.items.get(gap) ?? item).answer
    const own = gap === 'limit' ? '限量' : gap === 'previous' ? '上次读数' : undefined
    const label = own ?? rule.noun ?? rule.meaning ?? '读数'
    return { id: gap, label, type: rule.type === 'number' ? 'number' : 'text' }
  }

  private hazard(item: Item, level: Level, judgement: Judgement): HazardToFind {
    const template = templateOf(item, judgement)
    const known: Record<string, string> = {}
    const blanks: Blank[] = []
    for (const gap of gaps(template)) {
      const text = this.figure(item, judgement, gap) ?? this.answer(item).blanks.get(gap)
      if (text !== undefined) known[gap] = text
      else blanks.push(item.finding?.blanks?.find(({ id }) => id === gap) ?? this.measuredBlank(item, gap))
    }
    return {
      item: item.id,
      level,
      level_note: item.level_note ?? null,
      category: item.category ?? this.checklist.category,
      finding: { template, known, blanks, text: fillFinding(template, known, blanks) },
      measures: item.measures ?? [],
      deadline_days: item.deadline_days ?? 0,
      basis: item.basis,
      basis_text: basisText(item.basis),
      photo: item.photo ?? 'none',
      handoff: item.handoff ?? null,
    }
  }
}

function templateOf(item: Item, judgement: Judgement): string {
  const template = item.finding?.template ?? ''
  const has = (code: string): boolean => judgement.reasons.some((each) => each.code === code)
  if (has('date_unknown_fails')) return item.finding?.if_unknown ?? template
  return has('judged_fail') ? (item.finding?.if_judged ?? template) : template
}

function summaryOf(verdicts: readonly Verdict[]): Summary {
  const count = (name: 'applies' | 'verdict' | 'level', value: string): number => verdicts.filter((verdict) => verdict[name] === value).length
  const asked = count('applies', 'yes')
  const pending = count('applies', 'pending')
  // what is not asked is 'na', what waits is 'unanswered' too
  const remaining = count('verdict', 'unanswered') - pending
  return {
    items: verdicts.length,
    asked,
    answered: asked - remaining,
    remaining,
    pending,
    pass: count('verdict', 'pass'),
    fail: count('verdict', 'fail'),
    na: count('verdict', 'na'),
    reading: count('verdict', 'reading'),
    unmeasured: count('verdict', 'unmeasured'),
    suspected_major: count('level', 'suspected_major'),
  }
}

/** The whole from its items, in the order of the checklist. */
export function evaluationOf(judged: readonly Judged[]): Evaluation {
  const verdicts = judged.map(({ verdict }) => verdict)
  return { verdicts, summary: summaryOf(verdicts), hazards: judged.flatMap(({ hazard }) => hazard ?? []) }
}
