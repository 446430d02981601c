// The shared vectors on the phone's side: tests/vectors/rules/*.json and expressions.json, the same that pytest runs.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { describe, expect, it } from 'vitest'
import { evaluate } from './evaluate.ts'
import type { Value } from './expression.ts'
import { ExpressionError, evaluate as truthOf, parse } from './expression.ts'
import { explain, MESSAGES } from './expression_messages.ts'
import { SENTENCES } from './sentences.ts'
import type { Answers, Checklist, Fields } from './types.ts'

interface Case {
  why: string
  answers: Answers
  site?: Fields
  settings?: Fields
  previous?: Answers
  today?: string
  expect: Record<string, unknown>
}
interface VectorFile {
  checklist: string | Checklist
  today: string
  cases: Case[]
}
interface ExpressionCase {
  why: string
  text: string
  values?: Record<string, Value>
  expect?: boolean | null
  error?: { code: string; position: number }
}

const RULES_GZIP_BYTES_MAX = 6 * 1024
const VECTORS = new URL('../../../tests/vectors/', import.meta.url)
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, VECTORS), 'utf8'))
const files = readdirSync(new URL('rules/', VECTORS)).filter((name) => name.endsWith('.json'))

const checklistOf = (named: string | Checklist): Checklist =>
  typeof named === 'string' ? (read(`checklists/${named}.json`) as Checklist) : named

/** Verdicts by item, with reasons and notices as their codes: the form the vectors are written in. */
function evaluated(file: VectorFile, one: Case): Record<string, unknown> {
  const { site = {}, settings = {}, previous = {}, today = file.today } = one
  const result = evaluate(checklistOf(file.checklist), one.answers, { site, settings, previous, today })
  const codes = (list: { code: string }[]): string[] => list.map(({ code }) => code)
  const verdicts = result.verdicts.map((verdict) => [
    verdict.item,
    { ...verdict, reasons: codes(verdict.reasons), notices: codes(verdict.notices) },
  ])
  return { ...result, verdicts: Object.fromEntries(verdicts) as unknown }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Of `actual`, the part that `expected` names. */
function named(actual: unknown, expected: unknown): unknown {
  if (isObject(expected) && isObject(actual)) {
    return Object.fromEntries(Object.entries(expected).map(([key, each]) => [key, named(actual[key], each)]))
  }
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.map((each, index) => named(actual[index], each))
  }
  return actual
}

describe.each(files)('rules/%s', (name) => {
  const file = read(`rules/${name}`) as VectorFile
  it.each(file.cases.map((one) => [one.why, one] as const))('%s', (_why, one) => {
    expect(named(evaluated(file, one), one.expect)).toEqual(one.expect)
  })
})

describe('expressions.json', () => {
  const { cases } = read('expressions.json') as { cases: ExpressionCase[] }
  it.each(cases.map((one) => [one.why, one] as const))('%s', (_why, one) => {
    if (!one.error) {
      const lookUp = (kind: string, name: string): Value => one.values?.[kind === 'item' ? name : `${kind}.${name}`] ?? null
      expect(truthOf(parse(one.text), lookUp)).toBe(one.expect)
      return
    }
    const { code, position } = one.error
    expect(() => parse(one.text)).toThrow(ExpressionError)
    try {
      parse(one.text)
    } catch (error) {
      expect(error).toMatchObject({ code, position })
      expect(explain(error as ExpressionError).zh).toContain(`第 ${position + 1} 个字`)
    }
  })
})

describe('what the phone ships', () => {
  const tables = (path: string, start: string): string => {
    const text = readFileSync(new URL(`../../app/checklists/${path}`, VECTORS), 'utf8')
    return text.slice(text.indexOf(start))
  }

  it('says the same sentences as the station, letter by letter', () => {
    const python = tables('sentences.py', 'SENTENCES')
    for (const [code, sentence] of Object.entries(SENTENCES)) expect(python).toContain(`"${code}": "${sentence}",`)
  })

  it('explains a broken condition in the same words', () => {
    const python = tables('expression.py', 'MESSAGES')
    for (const message of Object.values(MESSAGES).flat()) expect(python).toContain(message)
  })

  it('refuses a today that is no day', () => {
    const empty = checklistOf('cl-lpg-restaurant')
    expect(() => evaluate(empty, {}, { site: {}, settings: {}, previous: {}, today: '2026-11' })).toThrow(RangeError)
  })

  it('costs the first load no more than 6 KB', async () => {
    const input = fileURLToPath(new URL('./evaluate.ts', import.meta.url))
    const built = await build({
      configFile: false,
      logLevel: 'silent',
      build: { write: false, minify: true, modulePreload: false, rollupOptions: { input, preserveEntrySignatures: 'strict' } },
    })
    const [bundle] = [built].flat()
    const code = bundle && 'output' in bundle ? bundle.output[0].code : ''
    expect(code).toContain('判不合格')
    expect(gzipSync(code).length).toBeLessThanOrEqual(RULES_GZIP_BYTES_MAX)
  })
})
