import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkProof, keyMark, standsIn, type ProofFile } from './check'

interface Case {
  why: string
  at: (string | number)[]
  to: unknown
  holds: boolean
  phones?: number
}
const vector = JSON.parse(readFileSync(new URL('../../../tests/vectors/proof.json', import.meta.url), 'utf8')) as { document: ProofFile; cases: Case[] }

function changed({ at, to }: Case): string {
  const made = structuredClone(vector.document) as never
  let at_ = made as { [step: string]: unknown }
  for (const step of at.slice(0, -1)) at_ = at_[step] as typeof at_
  if (at.length > 0) at_[at[at.length - 1]!] = to
  return JSON.stringify(made)
}

for (const each of vector.cases) {
  test(`a proof file: ${each.why}`, async () => {
    const { wrong, facts } = await checkProof(changed(each))
    expect(wrong.length === 0, wrong.join('；')).toBe(each.holds)
    if (each.holds) expect(facts.filter((fact) => fact.by_phone)).toHaveLength(each.phones ?? 2)
  })
}

test('a forger with a key of his own is found by the key of the station', async () => {
  const { document } = vector
  expect((await checkProof(JSON.stringify(document), document.server_key)).wrong).toEqual([])
  const other = (JSON.parse(document.entries[0]!.line) as { body: { public_key: string } }).body.public_key
  expect((await checkProof(JSON.stringify(document), other)).wrong).toHaveLength(2)
})

test('what is no proof file is said to be none', async () => {
  for (const text of ['', 'null', '[]', '{}', '{"format":"grid-inspector/proof/1"}', '<html>'])
    expect((await checkProof(text)).wrong).toEqual(['这不是存证文件，请重新选'])
})

test('of a paper only the hash is known, and that is enough to find its place', async () => {
  const entry = vector.document.entries.find(({ sha256 }) => sha256 === vector.document.facts[0])!
  expect(await standsIn(entry, vector.document.head)).toBe(true)
  expect(await standsIn({ ...entry, sha256: '0'.repeat(64) }, vector.document.head)).toBe(false)
})

test('a key is compared by sixteen signs', async () => {
  expect(await keyMark('B')).toMatch(/^([0-9A-F]{4} ){3}[0-9A-F]{4}$/)
})
