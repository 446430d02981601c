// One English value put into the source in place of the Chinese: {0} is what was filled in, {0|visit|visits} goes by the number,
// {0:Jan,Feb,...} takes the first word for 1. Any order, any number of times. It must not read or write files.

import { messagesOf, messagesOfPage, type Message } from './messages.ts'

export type Words = Readonly<Record<string, string>>

/** A part of an English value: words as they are, or hole `hole` with what is chosen by it. */
export type Part = { words: string } | { hole: number; plural?: [string, string]; list?: string[] }

const HOLE = /\{(\d+)(?:\|([^{}|]*)\|([^{}|]*)|:([^{}]*))?\}/g

/** The value for this text at this place: `text@path` goes before `text`. */
export function wordsFor(words: Words, key: string, path: string): string | undefined {
  return words[`${key}@${path}`] ?? words[key]
}

export function partsOf(english: string): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const found of english.matchAll(HOLE)) {
    if (found.index > at) parts.push({ words: english.slice(at, found.index) })
    const [whole, hole, one, many, list] = found
    parts.push({ hole: Number(hole), ...(one !== undefined && { plural: [one, many ?? ''] }), ...(list !== undefined && { list: list.split(',') }) })
    at = found.index + whole.length
  }
  if (at < english.length) parts.push({ words: english.slice(at) })
  return parts
}

export class MissingWords extends Error {
  constructor(keys: readonly string[], path: string) {
    super(`${path}: no English for ${keys.map((key) => JSON.stringify(key)).join(', ')}; add it to pwa/english/en.json`)
  }
}

/** The source of a script or component with its English in place. */
export function inEnglish(path: string, code: string, words: Words): string {
  return replaced(path, code, messagesOf(path, code), words)
}

/** The same of the page. */
export function pageInEnglish(path: string, html: string, words: Words): string {
  return replaced(path, html, messagesOfPage(html), words).replace('lang="zh-CN"', 'lang="en"')
}

function replaced(path: string, code: string, messages: readonly Message[], words: Words): string {
  const missing = messages.filter(({ key }) => wordsFor(words, key, path) === undefined).map(({ key }) => key)
  if (missing.length > 0) throw new MissingWords(missing, path)
  const sorted = [...messages].sort((a, b) => a.start - b.start || b.end - a.end)
  const between = (from: number, to: number): string => {
    let text = ''
    let at = from
    for (const message of sorted) {
      if (message.start < at || message.end > to) continue
      text += code.slice(at, message.start) + put(message, partsOf(wordsFor(words, message.key, path) ?? ''))
      at = message.end
    }
    return text + code.slice(at, to)
  }
  const put = (message: Message, parts: readonly Part[]): string => {
    const holes = message.holes.map(({ start, end }) => between(start, end))
    return WRITE[message.form](parts, holes, code.slice(message.start, message.end))
  }
  return between(0, code.length)
}

// ---- as source ---------------------------------------------------------------------------------

type Write = (parts: readonly Part[], holes: readonly string[], before: string) => string

const WRITE: Record<Message['form'], Write> = {
  script: (parts, holes) => {
    if (holes.length === 0) return quoted(textOf(parts))
    return `\`${parts.map((part) => ('words' in part ? escaped(part.words, '`') : `\${${chosen(part, holes)}}`)).join('')}\``
  },
  text: (parts, holes, before) => {
    const [lead, tail] = [/^\s*/.exec(before)?.[0] ?? '', /\s*$/.exec(before)?.[0] ?? '']
    return lead + parts.map((part) => ('words' in part ? html(part.words) : `{{ ${chosen(part, holes)} }}`)).join('') + tail
  },
  attribute: (parts) => `"${html(textOf(parts)).replaceAll('"', '&quot;')}"`,
}

/** A text nothing is filled into: what looks like a hole there is part of it. */
const textOf = (parts: readonly Part[]): string => parts.map((part) => ('words' in part ? part.words : `{${part.hole}}`)).join('')

function chosen(part: Exclude<Part, { words: string }>, holes: readonly string[]): string {
  const source = holes[part.hole] ?? ''
  if (part.plural) return `(${source}) == 1 ? ${quoted(part.plural[0])} : ${quoted(part.plural[1])}`
  return part.list ? `[${part.list.map(quoted).join(', ')}][(${source}) - 1]` : source
}

const html = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

const quoted = (text: string): string => `'${escaped(text, "'")}'`

/** Also inside an attribute in double quotes. */
function escaped(text: string, quote: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll('${', '\\${')
    .replaceAll('\n', '\\n')
    .replaceAll('"', '\\x22')
    .replaceAll('&', '\\x26')
}
