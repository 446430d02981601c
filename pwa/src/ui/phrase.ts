// A finding taken apart: {gap} is either known already (a figure from an answer) or a blank still to be filled.
// Pure text work over what rules/ declares, so that phone and desk put the same sentence together.

export interface PhraseBlank {
  id: string
  label: string
  type: 'choice' | 'text' | 'number'
  options?: readonly string[]
  multiple?: boolean
  default?: string
  unit_label?: string
}
export type Filled = Readonly<Record<string, string>>
export interface PhrasePart {
  text: string
  /** words: as written; known: from an answer; filled and open: a blank with and without its word */
  type: 'words' | 'known' | 'filled' | 'open'
}

const GAP = /\{([A-Z]{2,6}-[0-9]{1,3}|[a-z_]+)\}/g
/** How several chosen options stand in a sentence; the same sign takes them apart again. stays Chinese: part of the finding */
const AND = '、'

function gapPart(gap: string, whole: string, known: Filled, blanks: readonly PhraseBlank[], filled: Filled): PhrasePart {
  if (known[gap] !== undefined) return { type: 'known', text: known[gap] }
  const blank = blanks.find((each) => each.id === gap)
  const text = filled[gap] || blank?.default
  if (text) return { type: 'filled', text }
  return blank ? { type: 'open', text: blank.label } : { type: 'words', text: whole }
}

export function phraseParts(template: string, known: Filled, blanks: readonly PhraseBlank[], filled: Filled): PhrasePart[] {
  const parts: PhrasePart[] = []
  let at = 0
  for (const found of template.matchAll(GAP)) {
    if (found.index > at) parts.push({ type: 'words', text: template.slice(at, found.index) })
    parts.push(gapPart(found[1] ?? '', found[0], known, blanks, filled))
    at = found.index + found[0].length
  }
  if (at < template.length) parts.push({ type: 'words', text: template.slice(at) })
  return parts
}

/** What a figure says that nobody could count or measure: said by her, never assumed. stays Chinese: part of the finding */
export const UNCOUNTED = '若干'

/** The sentence as it stands so far: an open blank keeps its label in brackets (rules/finding.ts reads them). stays Chinese: the finding */
export function phraseSentence(parts: readonly PhrasePart[]): string {
  return parts.map((part) => (part.type === 'open' ? `【${part.text}】` : part.text)).join('')
}

export function openBlanks(blanks: readonly PhraseBlank[], filled: Filled): string[] {
  return blanks.filter((blank) => !filled[blank.id] && !blank.default).map((blank) => blank.label)
}

export function chosenOptions(text: string): string[] {
  return text ? text.split(AND) : []
}

export function joinOptions(options: readonly string[]): string {
  return options.join(AND)
}
