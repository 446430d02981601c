// The floors of src/ hold: each forbidden way in is noticed, each allowed one passes.
// It runs the real ESLint rule on one-line files.

import { fileURLToPath } from 'node:url'
import { Linter } from 'eslint'
import { describe, expect, it } from 'vitest'
import { floors } from '../build/floors.ts'

const SRC = fileURLToPath(new URL('../src/', import.meta.url))

function complaints(file: string, code: string): string[] {
  const linter = new Linter({ cwd: SRC })
  const config: Linter.Config = {
    files: ['**/*.ts'],
    languageOptions: { sourceType: 'module', ecmaVersion: 'latest' },
    plugins: { floors: { rules: { floors } } },
    rules: { 'floors/floors': 'error' },
  }
  return linter.verify(code, [config], { filename: SRC + file }).map((message) => message.message)
}

const REFUSED = [
  ['field/today/list.ts', "import { a } from '../../db/schema'", 'a screen reads the database itself'],
  ['field/today/list.ts', "import { a } from '@/transport/sender'", 'a screen talks to the network itself'],
  ['field/today/list.ts', "export { a } from '../../desk/table'", 'the phone downloads the desk'],
  ['field/today/list.ts', "await import('../../transport/photos')", 'a lazy import is an import'],
  ['field/today/list.ts', "import { ElButton } from 'element-plus'", 'Element Plus on a phone'],
  ['desk/review/queue.ts', "import { a } from '../../db/schema'", 'the desk keeps nothing on its machine'],
  ['data/drafts.ts', "import { a } from '../transport/sender'", 'the sender uses the data, not the other way'],
  ['rules/evaluate.ts', "import { a } from '../data/drafts'", 'rules are pure'],
  ['lib/time.ts', "import { a } from '../ui/words'", 'the lowest floor stands on nothing above it'],
  ['ui/button.ts', "import Dexie from 'dexie'", 'only db/ speaks to Dexie'],
] as const

const ALLOWED = [
  ['field/today/list.ts', "import { a } from '../../data/today'"],
  ['field/today/list.ts', "import { a } from './row'"],
  ['data/drafts.ts', "import { a } from '../db/schema'"],
  ['transport/sender.ts', "import { a } from '../data/outbox'"],
  ['field/main.ts', "import { a } from '../transport/sender'"],
  ['desk/data/hazards.ts', "import { a } from '../../transport/client'"],
  ['desk/review/queue.ts', "import { ElTable } from 'element-plus'"],
  ['db/schema.ts', "import Dexie from 'dexie'"],
] as const

describe('floors', () => {
  it.each(REFUSED)('%s may not say %s (%s)', (file, code) => {
    expect(complaints(file, code)).toHaveLength(1)
  })

  it.each(ALLOWED)('%s may say %s', (file, code) => {
    expect(complaints(file, code)).toEqual([])
  })
})
