// A finding template taken apart: 【a/b】 is a choice, 【部位】 a short text, __ a number, the rest is fixed.
// Pure text work, so that desk and phone put the same sentence together.

export type PhrasePart =
  | { type: 'words'; text: string }
  | { type: 'choice'; blank: number; options: string[] }
  | { type: 'text'; blank: number; name: string }
  | { type: 'number'; blank: number }

export type Blanks = Readonly<Record<string, string>>

const BLANK = /【([^】]+)】|_{2,}/g

function blankPart(inside: string | undefined, blank: number): PhrasePart {
  if (inside === undefined) return { type: 'number', blank }
  const options = inside.split(/[/／]/).map((option) => option.trim()).filter(Boolean)
  return options.length > 1 ? { type: 'choice', blank, options } : { type: 'text', blank, name: inside }
}

export function phraseParts(template: string): PhrasePart[] {
  const parts: PhrasePart[] = []
  let at = 0
  let blank = 0
  for (const found of template.matchAll(BLANK)) {
    if (found.index > at) parts.push({ type: 'words', text: template.slice(at, found.index) })
    parts.push(blankPart(found[1], blank++))
    at = found.index + found[0].length
  }
  if (at < template.length) parts.push({ type: 'words', text: template.slice(at) })
  return parts
}

/** The sentence with what has been filled in; an empty blank keeps a word that reads as a gap. */
export function phraseSentence(template: string, blanks: Blanks): string {
  return phraseParts(template).map((part) => {
    if (part.type === 'words') return part.text
    const filled = blanks[String(part.blank)]
    if (filled) return filled
    return part.type === 'number' ? '＿＿' : part.type === 'text' ? `（${part.name}）` : part.options.join('／')
  }).join('')
}

export function blanksOpen(template: string, blanks: Blanks): number {
  return phraseParts(template).filter((part) => part.type !== 'words' && !blanks[String(part.blank)]).length
}
