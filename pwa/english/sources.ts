// What the English app is made of: the dictionary's two files, and every source of the field app that may hold words for people.
// It must not translate anything.

import { readFileSync, readdirSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messagesOf, messagesOfPage, type Message } from './messages.ts'
import type { Words } from './words.ts'

const PWA = fileURLToPath(new URL('..', import.meta.url))
const SRC = `${PWA}src`
/** The desk and the page of proofs are Chinese only. */
const ROOTS = ['field', 'ui', 'data', 'transport', 'db', 'lib', 'rules', 'contract', 'sw'] as const
export const PAGE = 'field/index.html'
export const MANIFEST = 'field/manifest.webmanifest'

const read = (path: string): string => readFileSync(`${PWA}${path}`, 'utf8')
const json = (path: string): Words => JSON.parse(read(path)) as Words

/** Written by hand; what the server says too (`contract.json`) is written by `python -m app.cli contract`. */
export const ownWords = (): Words => json('english/en.json')
export const contractWords = (): Words => json('english/contract.json')
export const allWords = (): Words => ({ ...contractWords(), ...ownWords() })

/** `field/saying.ts` of an absolute path or a module's id; null when it is none of the field app's own sources. */
export function sourcePath(id: string): string | null {
  const path = relative(SRC, id).split(sep).join('/')
  return /^[a-z][^?]*\.(ts|vue)$/.test(path) && !/\.(test|fixture)\.ts$/.test(path) && ROOTS.some((root) => path.startsWith(`${root}/`)) ? path : null
}

export const manifest = (): string => read(`public/${MANIFEST}`)

/** Every message of the field app with the source it stands in. */
export function allMessages(): { path: string; message: Message }[] {
  const found = [...messagesOfPage(read(PAGE)), ...messagesOfPage(manifest())].map((message) => ({ path: PAGE, message }))
  for (const root of ROOTS) {
    for (const entry of readdirSync(`${SRC}/${root}`, { recursive: true, withFileTypes: true })) {
      const file = `${entry.parentPath}/${entry.name}`
      const path = entry.isFile() ? sourcePath(file) : null
      if (path) found.push(...messagesOf(path, readFileSync(file, 'utf8')).map((message) => ({ path, message })))
    }
  }
  return found
}
