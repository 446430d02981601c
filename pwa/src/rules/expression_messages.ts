// What is wrong with a condition, in words, for the one who writes checklists.
// Apart from expression.ts because the phone never says this: it asks the item and goes on.
// stays Chinese: both languages stand here side by side

import type { ExpressionError } from './expression.ts'

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

export function explain({ code, position }: ExpressionError): { zh: string; en: string } {
  const [zh, en] = MESSAGES[code] ?? [code, code]
  return { zh: `${zh}（第 ${position + 1} 个字）`, en: `${en} (at ${position + 1})` }
}
