import { expect, test } from 'vitest'
import vectors from '../../../tests/vectors/merkle.json'
import { fromHex, utf8 } from './bytes'
import { leafHash, verifyConsistency, verifyInclusion } from './merkle'

test('the leaf of a log entry is what the station hashes', async () => {
  const { fact_sha256, verdict, received_at, leaf_hash } = vectors.log_leaf
  expect(await leafHash(utf8(['gi1', fact_sha256, verdict, received_at].join('\0')))).toBe(leaf_hash)
  expect(await leafHash(fromHex(vectors.inputs[0] ?? ''))).toBe(vectors.roots[1])
})

test('every good proof holds, and none holds after one bit or one size changed', async () => {
  for (const { leaf, index, size, root, path } of vectors.inclusion) {
    expect(await verifyInclusion(leaf, index, size, path, root)).toBe(true)
    expect(await verifyInclusion(leaf, index, size, path, root.replace(/^./, (digit) => (digit === '0' ? '1' : '0')))).toBe(false)
    expect(await verifyInclusion(leaf, size, size, path, root)).toBe(false)
  }
})

test('a log that only grew is believed; one that was rewritten or cut is not', async () => {
  for (const { older, older_root, newer, newer_root, path } of vectors.consistency) {
    expect(await verifyConsistency(older, older_root, newer, newer_root, path)).toBe(true)
    if (older === 0) continue
    expect(await verifyConsistency(older, 'ab'.repeat(32), newer, newer_root, path)).toBe(false)
    expect(await verifyConsistency(older, older_root, newer, 'cd'.repeat(32), path)).toBe(false)
    if (path.length > 0) expect(await verifyConsistency(older, older_root, newer, newer_root, path.slice(1))).toBe(false)
  }
})
