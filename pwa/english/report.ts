// What the dictionary lacks, what it has too much of, and what is wrong in it; the guard (english.test.ts) wants all of it empty.
// `node english/report.ts` from pwa/ prints it, the missing texts as lines for en.json. It must not change anything.

import type { Message } from './messages.ts'
import { isChinese } from './messages.ts'
import { allMessages, contractWords, ownWords } from './sources.ts'
import { partsOf, wordsFor, type Words } from './words.ts'

export interface Report {
  missing: { key: string; path: string }[]
  unused: string[]
  wrong: string[]
}

type Found = readonly { path: string; message: Message }[]

export function report(found: Found, own: Words, contract: Words): Report {
  const words = { ...contract, ...own }
  const missing = new Map<string, string>()
  const used = new Set<string>()
  for (const { path, message: { key } } of found) {
    used.add(own[`${key}@${path}`] === undefined ? key : `${key}@${path}`)
    if (wordsFor(words, key, path) === undefined) missing.set(key, path)
  }
  return {
    missing: [...missing].map(([key, path]) => ({ key, path })),
    unused: Object.keys(own).filter((key) => !used.has(key) || key in contract),
    wrong: [...wrongIn(own), ...holesOutside(found, own), ...order(Object.keys(own))],
  }
}

const HOLE = /\{[^{}]*\}/g
const LIST = /^\{\d+(\|[^{}|]*\|[^{}|]*|:[^{},]+(,[^{},]+)+)?\}$/

/** Names of what is filled in, each once: a plural asks for the same number again. */
const holes = (text: string): string => [...new Set((text.match(HOLE) ?? []).map((each) => each.replace(/[|:].*/, '').replace(/[{}]/g, '')))].sort().join()

function wrongIn(own: Words): string[] {
  return Object.entries(own).flatMap(([name, english]) => {
    const key = name.replace(/@[a-z].*$/, '')
    return [
      english.trim() === '' ? `${name}: empty` : '',
      isChinese(english) ? `${name}: Chinese left in ${english}` : '',
      holes(key) === holes(english) ? '' : `${name}: other things filled in by ${english}`,
      (english.match(HOLE) ?? []).every((each) => LIST.test(each) || key.includes(each)) ? '' : `${name}: no such form in ${english}`,
    ].filter(Boolean)
  })
}

/** A text nothing can be filled into has no numbers to go by either. */
function holesOutside(found: Found, own: Words): string[] {
  return found.flatMap(({ path, message: { key, holes } }) =>
    partsOf(wordsFor(own, key, path) ?? '').some((part) => 'hole' in part && part.hole >= holes.length) ? [`${key}: nothing is filled in at ${path}`] : [])
}

function order(keys: readonly string[]): string[] {
  const sorted = [...keys].sort()
  return keys.every((key, at) => key === sorted[at]) ? [] : ['en.json is not sorted']
}

if (import.meta.main) {
  const { missing, unused, wrong } = report(allMessages(), ownWords(), contractWords())
  const lines = [...missing.map(({ key, path }) => `${JSON.stringify(key)}: "",  // ${path}`), ...unused.map((key) => `unused: ${JSON.stringify(key)}`), ...wrong]
  process.stdout.write(`${lines.join('\n') || 'complete'}\n`)
}
