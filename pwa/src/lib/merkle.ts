// Merkle proofs of RFC 6962 as a phone needs them: it is a witness that the station's log was only appended to.
// The twin of sync/merkle.py, held to it by tests/vectors/merkle.json. It must not know what the leaves are.

import { concat, fromHex, hex, sha256, type Bytes } from './bytes'

const LEAF = new Uint8Array([0])
const NODE = new Uint8Array([1])
export const EMPTY_ROOT = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

export async function leafHash(entry: Bytes): Promise<string> {
  return hex(await sha256(concat(LEAF, entry)))
}

async function node(left: string, right: string): Promise<string> {
  return hex(await sha256(concat(NODE, fromHex(left), fromHex(right))))
}

const isOdd = (index: number): boolean => index % 2 === 1
const half = (index: number): number => Math.floor(index / 2)

/** RFC 9162, 2.1.3.2 */
export async function verifyInclusion(leaf: string, index: number, size: number, path: readonly string[], root: string): Promise<boolean> {
  if (index < 0 || index >= size) return false
  let [own, last, hash] = [index, size - 1, leaf]
  for (const sibling of path) {
    if (last === 0) return false
    if (isOdd(own) || own === last) {
      hash = await node(sibling, hash)
      while (!isOdd(own) && own !== 0) [own, last] = [half(own), half(last)]
    } else {
      hash = await node(hash, sibling)
    }
    ;[own, last] = [half(own), half(last)]
  }
  return last === 0 && hash === root
}

/** RFC 9162, 2.1.4.2: the log of size `from` with root `fromRoot` is a beginning of the one of size `to`. */
export async function verifyConsistency(from: number, fromRoot: string, to: number, toRoot: string, path: readonly string[]): Promise<boolean> {
  if (from < 0 || from > to) return false
  if (from === to) return path.length === 0 && fromRoot === toRoot
  if (from === 0) return path.length === 0 && fromRoot === EMPTY_ROOT
  const full = isPowerOfTwo(from) ? [fromRoot, ...path] : [...path]
  const start = full.shift()
  if (start === undefined) return false
  let [own, last] = [from - 1, to - 1]
  while (isOdd(own)) [own, last] = [half(own), half(last)]
  let [older, newer] = [start, start]
  for (const sibling of full) {
    if (last === 0) return false
    if (isOdd(own) || own === last) {
      older = await node(sibling, older)
      newer = await node(sibling, newer)
      while (!isOdd(own) && own !== 0) [own, last] = [half(own), half(last)]
    } else {
      newer = await node(newer, sibling)
    }
    ;[own, last] = [half(own), half(last)]
  }
  return last === 0 && older === fromRoot && newer === toRoot
}

function isPowerOfTwo(size: number): boolean {
  return Number.isInteger(Math.log2(size))
}
