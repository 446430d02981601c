// The shared vectors on the phone's side: tests/vectors/overlay.json, the same that pytest runs against sync/overlay.py.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { leafHash, verifyConsistency, verifyInclusion } from '../lib/merkle'
import { fromHex } from '../lib/bytes'
import type { Row } from '../contract/wire'
import { overlay, type OwnFact } from './overlay'

interface OverlayCase {
  why: string
  row: Row | null
  facts: OwnFact[]
  expect: Row | null
}
interface Proof {
  path: string[]
}
interface MerkleVectors {
  inputs: string[]
  roots: string[]
  log_leaf: { fact_sha256: string; verdict: string; received_at: string; leaf_hash: string }
  inclusion: (Proof & { leaf: string; index: number; size: number; root: string })[]
  consistency: (Proof & { older: number; older_root: string; newer: number; newer_root: string })[]
}

function vector<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../tests/vectors/${name}`, import.meta.url), 'utf8')) as T
}

describe('the phone shows its own facts on top of the station’s row', () => {
  const { cases } = vector<{ cases: OverlayCase[] }>('overlay.json')

  it.each(cases)('$why', (one) => {
    const before = JSON.stringify(one.row)
    expect(overlay(one.row, one.facts)).toEqual(one.expect)
    expect(JSON.stringify(one.row)).toBe(before)
  })
})

describe('the phone is a witness of the log', () => {
  const vectors = vector<MerkleVectors>('merkle.json')
  const other = 'ab'.repeat(32)

  it('hashes an entry of the log as the station does', async () => {
    const { fact_sha256, verdict, received_at, leaf_hash } = vectors.log_leaf
    const entry = new TextEncoder().encode(['gi1', fact_sha256, verdict, received_at].join('\0'))
    expect(await leafHash(entry)).toBe(leaf_hash)
    expect(await leafHash(fromHex(vectors.inputs[0]!))).toBe(vectors.roots[1])
  })

  it('accepts every true proof that an entry is in the log, and no other', async () => {
    for (const { leaf, index, size, path, root } of vectors.inclusion) {
      expect(await verifyInclusion(leaf, index, size, path, root)).toBe(true)
      expect(await verifyInclusion(other, index, size, path, root)).toBe(false)
    }
  })

  it('accepts every true proof that the log only grew, and no other', async () => {
    for (const { older, older_root, newer, newer_root, path } of vectors.consistency) {
      expect(await verifyConsistency(older, older_root, newer, newer_root, path)).toBe(true)
      if (older === 0) continue
      expect(await verifyConsistency(older, older_root, newer, other, path)).toBe(false)
      expect(await verifyConsistency(older, other, newer, newer_root, path)).toBe(false)
    }
  })
})
