// The tiny language of checklist conditions: comparisons joined by and, or, not; true, false or null (unknown).
// The same grammar as app/checklists/expression.py; tests/vectors/expressions.json holds both together.
// It is total and knows nothing of checklists: names are looked up through a function it is given.

export const EXPRESSION_CHARS_MAX = 500
export const EXPRESSION_DEPTH_MAX = 20

export type Value = number | string | boolean | null
export type NameKind = 'item' | 'site' | 'setting'
export type Lookup = (kind: NameKind, name: string) => Value

export interface Name {
  is: 'name'
  kind: NameKind
  name: string
}
export type Expression =
  | { is: 'literal'; value: number | string | boolean }
  | Name
  | { is: 'compare'; operator: string; left: Expression; right: Expression }
  | { is: 'not'; part: Expression }
  | { is: 'join'; word: string; parts: Expression[] }

/** A condition that cannot be read: what is wrong (in words: expression_messages.ts) and where. */
export class ExpressionError extends Error {
  readonly code: string
  readonly position: number

  constructor(code: string, position: number) {
    super(code)
    this.code = code
    this.position = position
  }
}

interface Token {
  kind: string
  text: string
  position: number
}

const TOKEN =
  /(?<item>[A-Z]{2,6}-[0-9]{1,3})|(?<field>(?:site|setting)\.[a-z][a-z0-9_]*)|(?<number>-?[0-9]+(?:\.[0-9]+)?)|(?<word>[A-Za-z_]+)|(?<operator><=|>=|!=|=|<|>)|(?<bracket>[()])|(?<string>"[^"]*"|'[^']*')|(?<blank>[ \t\r\n]+)/y
const WORDS = ['true', 'false', 'pass', 'fail', 'na']
const JOINS = ['and', 'or', 'not']
const LEAVES = ['number', 'string', 'item', 'field']

// positions count characters as people do (and Python does), not UTF-16 units
const position = (text: string, at: number): number => [...text.slice(0, at)].length

function tokens(text: string): Token[] {
  const found: Token[] = []
  let at = 0
  while (at < text.length) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (!match) {
      const code = '"\''.includes(text.charAt(at)) ? 'open_string' : 'bad_character'
      throw new ExpressionError(code, position(text, at))
    }
    const kind = Object.entries(match.groups ?? {}).find(([, part]) => part)?.[0] ?? ''
    if (kind !== 'blank') found.push({ kind, text: match[0], position: position(text, at) })
    at += match[0].length
  }
  return found
}

/** Closures rather than a class: their names are shortened in the bundle. */
function parser(text: string): () => Expression {
  const list = tokens(text)
  const end: Token = { kind: 'end', text: '', position: [...text].length }
  let at = 0
  let depth = 0
  const token = (): Token => list[at] ?? end
  const fail = (code: string, where = token()): never => {
    throw new ExpressionError(code, where.position)
  }
  const take = (kind: string, text?: string): Token | null => {
    const here = token()
    if (here.kind !== kind || (text !== undefined && here.text !== text)) return null
    at++
    return here
  }
  const deeper = (read: () => Expression): Expression => {
    if (++depth > EXPRESSION_DEPTH_MAX) fail('too_deep', list[at - 1])
    const inside = read()
    depth--
    return inside
  }
  const joined = (word: string, read: () => Expression): Expression => {
    const first = read()
    const parts = [first]
    while (take('word', word)) parts.push(read())
    return parts.length === 1 ? first : { is: 'join', word, parts }
  }
  const anyOf = (): Expression => joined('or', () => joined('and', negated))
  const negated = (): Expression => (take('word', 'not') ? { is: 'not', part: deeper(negated) } : compared())
  const compared = (): Expression => {
    const left = value()
    const operator = take('operator')
    return operator ? { is: 'compare', operator: operator.text, left, right: value() } : left
  }
  const bracketed = (): Expression => {
    const inside = anyOf()
    return take('bracket', ')') ? inside : fail('open_bracket')
  }
  const value = (): Expression => {
    if (take('bracket', '(')) return deeper(bracketed)
    const here = token()
    const word = here.kind === 'word'
    const fits = word ? WORDS.includes(here.text) : LEAVES.includes(here.kind)
    if (!fits) fail(word && !JOINS.includes(here.text) ? 'bad_word' : 'value_missing')
    at++
    return leaf(here)
  }
  return () => {
    const expression = anyOf()
    return token() === end ? expression : fail('rest')
  }
}

function leaf({ kind, text }: Token): Expression {
  if (kind === 'word') return { is: 'literal', value: text === 'true' || (text !== 'false' && text) }
  if (kind === 'number') return { is: 'literal', value: Number(text) }
  if (kind === 'string') return { is: 'literal', value: text.slice(1, -1) }
  if (kind === 'item') return { is: 'name', kind, name: text }
  const [where, name = ''] = text.split('.')
  return { is: 'name', kind: where === 'site' ? 'site' : 'setting', name }
}

export function parse(text: string): Expression {
  if ([...text].length > EXPRESSION_CHARS_MAX) throw new ExpressionError('too_long', EXPRESSION_CHARS_MAX)
  return parser(text)()
}

/** Every name the expression asks for, in the order written. */
export function names(expression: Expression): Name[] {
  if (expression.is === 'name') return [expression]
  if (expression.is === 'compare') return [expression.left, expression.right].flatMap(names)
  if (expression.is === 'not') return names(expression.part)
  return expression.is === 'join' ? expression.parts.flatMap(names) : []
}

/** Millionths, so that 17.3 - 12.3 is exactly 5 as on paper; the same steps as in Python. */
export const micro = (number: number): number => Math.floor(number * 1e6 + 0.5)

function ordered<T extends number | string>(operator: string, left: T, right: T): boolean {
  const order = left < right ? '<' : left === right ? '=' : '>'
  return operator === '!=' ? order !== '=' : operator.includes(order)
}

function compare(operator: string, left: Value, right: Value): boolean | null {
  if (left === null || right === null) return null
  if (typeof left === 'number' && typeof right === 'number') return ordered(operator, micro(left), micro(right))
  if (typeof left === 'string' && typeof right === 'string') return ordered(operator, left, right)
  // two kinds of thing (无此项 and a number) are different, and neither is more
  const same = left === right
  return operator === '=' ? same : operator === '!=' ? !same : false
}

const valueOf = (expression: Expression, lookUp: Lookup): Value =>
  expression.is === 'literal'
    ? expression.value
    : expression.is === 'name'
      ? lookUp(expression.kind, expression.name)
      : evaluate(expression, lookUp)

function joined(word: string, parts: Expression[], lookUp: Lookup): boolean | null {
  const decides = word === 'or'
  let unknown = false
  for (const part of parts) {
    const truth = evaluate(part, lookUp)
    if (truth === decides) return decides
    unknown ||= truth === null
  }
  return unknown ? null : !decides
}

/** True, false, or null for unknown; unknown and false is false, unknown or true is true. */
export function evaluate(expression: Expression, lookUp: Lookup): boolean | null {
  if (expression.is === 'join') return joined(expression.word, expression.parts, lookUp)
  if (expression.is === 'not') {
    const truth = evaluate(expression.part, lookUp)
    return truth === null ? null : !truth
  }
  if (expression.is === 'compare') {
    return compare(expression.operator, valueOf(expression.left, lookUp), valueOf(expression.right, lookUp))
  }
  const value = valueOf(expression, lookUp)
  return typeof value === 'boolean' ? value : null
}
