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

export const MESSAGES: Record<string, [zh: string, en: string]> = {
  too_long: ['条件太长，最多 500 个字', 'the condition is longer than 500 characters'],
  too_deep: ['括号和 not 套得太深，最多 20 层', 'more than 20 levels of brackets and not'],
  bad_character: ['这里有看不懂的符号', 'a character that means nothing here'],
  bad_word: ['不认识这个词；文字要加引号', 'an unknown word; text needs quotes'],
  open_string: ['引号没有配对', 'a quote that is never closed'],
  open_bracket: ['缺右括号', 'a closing bracket is missing'],
  value_missing: ['这里要写编号、场所字段、数或文字', 'an item, a field, a number or a text belongs here'],
  rest: ['到这里条件已经写完，后面是多余的', 'the condition ended here; the rest is too much'],
}

/** A condition that cannot be read: what is wrong and where. */
export class ExpressionError extends Error {
  constructor(
    readonly code: string,
    readonly position: number,
  ) {
    super(MESSAGES[code]?.join(' / '))
  }
}

interface Token {
  kind: string
  text: string
  position: number
}

const TOKEN =
  /(?<item>[A-Z]{2,6}-[0-9]{1,3})|(?<field>(?:site|setting)\.[a-z][a-z0-9_]*)|(?<number>-?[0-9]+(?:\.[0-9]+)?)|(?<word>[A-Za-z_]+)|(?<operator><=|>=|!=|=|<|>)|(?<bracket>[()])|(?<string>"[^"]*"|'[^']*')/y
const WORDS = new Map<string, boolean | string>([
  ['true', true],
  ['false', false],
  ['pass', 'pass'],
  ['fail', 'fail'],
  ['na', 'na'],
])

// positions count characters as people do (and Python does), not UTF-16 units
const position = (text: string, at: number): number => [...text.slice(0, at)].length

function tokens(text: string): Token[] {
  const found: Token[] = []
  let at = 0
  while (at < text.length) {
    const here = text.charAt(at)
    if (' \t\r\n'.includes(here)) {
      at++
      continue
    }
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (!match) throw new ExpressionError('"\''.includes(here) ? 'open_string' : 'bad_character', position(text, at))
    const kind = Object.entries(match.groups ?? {}).find(([, part]) => part !== undefined)?.[0] ?? ''
    found.push({ kind, text: match[0], position: position(text, at) })
    at += match[0].length
  }
  return found
}

class Parser {
  private readonly tokens: Token[]
  private readonly end: Token
  private at = 0
  private depth = 0

  constructor(text: string) {
    this.tokens = tokens(text)
    this.end = { kind: 'end', text: '', position: [...text].length }
  }

  get token(): Token {
    return this.tokens[this.at] ?? this.end
  }

  take(kind: string, text?: string): Token | null {
    const token = this.token
    if (token.kind !== kind || (text !== undefined && token.text !== text)) return null
    this.at++
    return token
  }

  fail(code: string): never {
    throw new ExpressionError(code, this.token.position)
  }

  private deeper(): void {
    if (++this.depth > EXPRESSION_DEPTH_MAX) {
      throw new ExpressionError('too_deep', (this.tokens[this.at - 1] ?? this.end).position)
    }
  }

  anyOf(): Expression {
    return this.joined('or', () => this.joined('and', () => this.negated()))
  }

  private joined(word: string, read: () => Expression): Expression {
    const first = read()
    const parts = [first]
    while (this.take('word', word)) parts.push(read())
    return parts.length === 1 ? first : { is: 'join', word, parts }
  }

  private negated(): Expression {
    if (!this.take('word', 'not')) return this.compared()
    this.deeper()
    const part = this.negated()
    this.depth--
    return { is: 'not', part }
  }

  private compared(): Expression {
    const left = this.value()
    const operator = this.take('operator')
    return operator ? { is: 'compare', operator: operator.text, left, right: this.value() } : left
  }

  private bracketed(): Expression {
    this.deeper()
    const inside = this.anyOf()
    if (!this.take('bracket', ')')) this.fail('open_bracket')
    this.depth--
    return inside
  }

  private value(): Expression {
    if (this.take('bracket', '(')) return this.bracketed()
    const { kind, text } = this.token
    const word = kind === 'word' ? WORDS.get(text) : undefined
    if (kind === 'word' && word === undefined && !['and', 'or', 'not'].includes(text)) this.fail('bad_word')
    if (word === undefined && !['number', 'string', 'item', 'field'].includes(kind)) this.fail('value_missing')
    this.at++
    if (word !== undefined) return { is: 'literal', value: word }
    if (kind === 'number') return { is: 'literal', value: Number(text) }
    if (kind === 'string') return { is: 'literal', value: text.slice(1, -1) }
    if (kind === 'item') return { is: 'name', kind, name: text }
    const [where, name = ''] = text.split('.')
    return { is: 'name', kind: where === 'site' ? 'site' : 'setting', name }
  }
}

export function parse(text: string): Expression {
  if ([...text].length > EXPRESSION_CHARS_MAX) throw new ExpressionError('too_long', EXPRESSION_CHARS_MAX)
  const parser = new Parser(text)
  const expression = parser.anyOf()
  if (parser.token.kind !== 'end') parser.fail('rest')
  return expression
}

/** Every name the expression asks for, in the order written. */
export function names(expression: Expression): Name[] {
  switch (expression.is) {
    case 'name':
      return [expression]
    case 'compare':
      return [...names(expression.left), ...names(expression.right)]
    case 'not':
      return names(expression.part)
    case 'join':
      return expression.parts.flatMap(names)
    case 'literal':
      return []
  }
}

/** Millionths, so that 17.3 - 12.3 is exactly 5 as on paper; the same steps as in Python. */
export const micro = (number: number): number => Math.floor(number * 1e6 + 0.5)

function ordered<T extends number | string>(operator: string, left: T, right: T): boolean {
  const same = left === right
  const before = left < right
  if (operator === '=') return same
  if (operator === '!=') return !same
  if (operator === '<') return before
  if (operator === '<=') return before || same
  return operator === '>' ? !before && !same : !before
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
