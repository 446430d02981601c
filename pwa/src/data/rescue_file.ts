// The outside and the frames of a rescue file (docs/protocol.md): a header anybody may read, a body only the station opens.
// The key of a body is made from a one-time key of this phone and the station's; it is forgotten with the file.
// It must not know the database.

import { RESCUE_CHUNK_BYTES, RESCUE_VERSION } from '../contract/limits'
import type { RescueKey } from '../contract/wire'
import { base64url, concat, fromBase64url, fromHex, sha256, utf8, type Bytes } from '../lib/bytes'

const MAGIC = 'GIBATCH'
const PURPOSE = 'grid-inspector/gibatch/1'
const CURVE = { name: 'ECDH', namedCurve: 'P-256' }
const TAG_BYTES = 16
const FRAME_BYTES = 5
const HASH_BYTES = 32

export interface RescueHeader {
  station: string
  epoch: number
  export: string
  part: number
  parts: number
  batch: string | null
  /** for photos: the part that holds their facts, null when the station has those already */
  first: number | null
}

/** The lines of a batch, packed where the browser can. */
export async function batchFrame(lines: string): Promise<Bytes[]> {
  const plain = utf8(lines)
  // old system browsers cannot pack; the lines inside are the same
  if (typeof CompressionStream === 'undefined') return frame('L', plain)
  const stream = new Blob([plain]).stream().pipeThrough(new CompressionStream('gzip'))
  return frame('B', new Uint8Array(await new Response(stream).arrayBuffer()))
}

export function photoFrame(hash: string, body: ArrayBuffer): Bytes[] {
  return frame('P', fromHex(hash), new Uint8Array(body))
}

/** An upper bound of what a photo adds to a file. */
export function photoBytes(bytes: number): number {
  return FRAME_BYTES + HASH_BYTES + bytes
}

function frame(kind: 'B' | 'L' | 'P', ...payload: Bytes[]): Bytes[] {
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, payload.reduce((sum, each) => sum + each.length, 0))
  return [utf8(kind), length, ...payload]
}

/** The whole file, in pieces. */
export async function closedFile(inside: readonly Bytes[], header: RescueHeader, to: RescueKey): Promise<Bytes[]> {
  const own = await crypto.subtle.generateKey(CURVE, false, ['deriveBits'])
  const ephemeral = base64url(await crypto.subtle.exportKey('raw', own.publicKey))
  const size = inside.reduce((sum, each) => sum + each.length, 0)
  const before = opening({ ...header, key: to.id, ephemeral, bytes: size })
  const key = await bodyKey(own.privateKey, to.key, before)
  const pieces: Bytes[] = [before]
  let number = 0
  for (const chunk of chunks(inside, size)) {
    const last = (number + 1) * RESCUE_CHUNK_BYTES >= size
    pieces.push(new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce(number, last), tagLength: TAG_BYTES * 8 }, key, chunk)))
    number += 1
  }
  return pieces
}

function opening(header: RescueHeader & { key: string; ephemeral: string; bytes: number }): Bytes {
  const line = utf8(JSON.stringify(header))
  return concat(utf8(MAGIC), new Uint8Array([RESCUE_VERSION, line.length >> 8, line.length & 0xff]), line)
}

/** Of this exchange, behind exactly these bytes: a changed header opens nothing. */
async function bodyKey(own: CryptoKey, station: string, before: Bytes): Promise<CryptoKey> {
  const theirs = await crypto.subtle.importKey('raw', fromBase64url(station), CURVE, false, [])
  const secret = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, own, 256)
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: await sha256(before), info: utf8(PURPOSE) }
  return crypto.subtle.deriveKey(derivation, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt'])
}

/** Counts the chunks and marks the last, so that none can be dropped, moved or cut off. */
function nonce(number: number, last: boolean): Bytes {
  const bytes = new Uint8Array(12)
  new DataView(bytes.buffer).setUint32(7, number)
  bytes[11] = last ? 1 : 0
  return bytes
}

function* chunks(inside: readonly Bytes[], size: number): Generator<Bytes> {
  let chunk = new Uint8Array(Math.min(RESCUE_CHUNK_BYTES, size))
  let [filled, left] = [0, size]
  for (const piece of inside) {
    for (let at = 0; at < piece.length; ) {
      const taken = piece.subarray(at, at + chunk.length - filled)
      chunk.set(taken, filled)
      filled += taken.length
      at += taken.length
      if (filled < chunk.length) continue
      yield chunk
      left -= filled
      chunk = new Uint8Array(Math.min(RESCUE_CHUNK_BYTES, left))
      filled = 0
    }
  }
}
