// The station's side of a rescue file for tests: its key, opening what the phone closed, and receipts for what was in it.
// It must not share code with the phone, so that a slip there shows here.

import { createDecipheriv, hkdfSync, createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import type { RescueKey } from '../src/contract/wire'
import { base64url } from '../src/lib/bytes'
import { STATION, type StationKey } from './phone'

const CHUNK = 256 * 1024
const TAG = 16
const CURVE = { name: 'ECDH', namedCurve: 'P-256' }

export interface Opened {
  header: { station: string; batch: string | null; part: number; parts: number; first: number | null; ephemeral: string; bytes: number }
  lines: string[]
  photos: Map<string, Uint8Array<ArrayBuffer>>
}

export async function opened(file: Uint8Array<ArrayBuffer>, key: CryptoKey): Promise<Opened> {
  const length = Buffer.from(file.buffer).readUInt16BE(8)
  const before = file.slice(0, 10 + length)
  const header = JSON.parse(Buffer.from(before.slice(10)).toString()) as Opened['header']
  const theirs = await crypto.subtle.importKey('raw', Buffer.from(header.ephemeral, 'base64url'), CURVE, false, [])
  const secret = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, key, 256)
  const salt = createHash('sha256').update(before).digest()
  const bodyKey = Buffer.from(hkdfSync('sha256', Buffer.from(secret), salt, 'grid-inspector/gibatch/1', 32))
  const plain: Buffer[] = []
  const count = Math.ceil(header.bytes / CHUNK)
  for (let number = 0; number < count; number++) {
    const at = before.length + number * (CHUNK + TAG)
    const closed = Buffer.from(file.slice(at, Math.min(at + CHUNK + TAG, file.length)))
    const nonce = Buffer.alloc(12)
    nonce.writeUInt32BE(number, 7)
    nonce[11] = number === count - 1 ? 1 : 0
    const decipher = createDecipheriv('aes-256-gcm', bodyKey, nonce)
    decipher.setAuthTag(closed.subarray(-TAG))
    plain.push(decipher.update(closed.subarray(0, -TAG)), decipher.final())
  }
  return { header, ...framesOf(Buffer.concat(plain)) }
}

function framesOf(plain: Buffer): Pick<Opened, 'lines' | 'photos'> {
  let lines: string[] = []
  const photos: Opened['photos'] = new Map()
  for (let at = 0; at < plain.length; ) {
    const [kind, size] = [plain.subarray(at, at + 1).toString(), plain.readUInt32BE(at + 1)]
    const payload = plain.subarray(at + 5, at + 5 + size)
    if (kind === 'B') lines = gunzipSync(payload).toString().trimEnd().split('\n')
    if (kind === 'P') photos.set(payload.subarray(0, 32).toString('hex'), Uint8Array.from(payload.subarray(32)))
    at += 5 + size
  }
  return { lines, photos }
}

export class Rescuer {
  readonly key: RescueKey
  readonly privateKey: CryptoKey
  private readonly station: StationKey

  private constructor(station: StationKey, privateKey: CryptoKey, key: RescueKey) {
    this.station = station
    this.privateKey = privateKey
    this.key = key
  }

  static async make(station: StationKey): Promise<Rescuer> {
    const pair = await crypto.subtle.generateKey(CURVE, true, ['deriveBits'])
    const point = await crypto.subtle.exportKey('raw', pair.publicKey)
    const key = base64url(point)
    const id = createHash('sha256').update(new Uint8Array(point)).digest('hex').slice(0, 16)
    return new Rescuer(station, pair.privateKey, { id, key, signature: await station.sign(`grid-inspector/rescue-key/1\n${STATION}\n${key}`) })
  }

  static async read(key: JsonWebKey): Promise<CryptoKey> {
    return crypto.subtle.importKey('jwk', key, CURVE, false, ['deriveBits'])
  }

  async jwk(): Promise<JsonWebKey> {
    return crypto.subtle.exportKey('jwk', this.privateKey)
  }

  /** What the desk gives back for these files. */
  async receiptFor(files: readonly Opened[]): Promise<string> {
    const receipts: object[] = []
    const photos: object[] = []
    for (const file of files) {
      const made = await this.receipt(file)
      if (made) receipts.push(made)
      for (const [photo, body] of file.photos) {
        const receipt = JSON.stringify({ photo, bytes: body.length, condition: 'ok', station: STATION, time: '2026-11-21T03:00:00.000Z', epoch: 1 })
        photos.push({ receipt, signature: await this.station.sign(`grid-inspector/photo/1\n${receipt}`) })
      }
    }
    return JSON.stringify({ gireceipt: 1, station: STATION, receipts, photos, rescue_key: this.key })
  }

  /** What a code on the desk's screen says. */
  async codeFor(file: Opened): Promise<string> {
    const made = await this.receipt(file)
    return `GIR1\n${made?.signature ?? ''}\n${made?.receipt ?? ''}`
  }

  /** The codes of the photos, two in each. */
  async photoCodes(file: Opened): Promise<string[]> {
    const { photos } = JSON.parse(await this.receiptFor([{ ...file, lines: [] }])) as { photos: { receipt: string; signature: string }[] }
    const lines = photos.map(({ receipt, signature }) => {
      const { photo, condition, epoch, time } = JSON.parse(receipt) as { photo: string; condition: string; epoch: number; time: string }
      return `${photo.slice(0, 12)} ${condition} ${epoch} ${time} ${signature}`
    })
    return Array.from({ length: Math.ceil(lines.length / 2) }, (_, code) => ['GIP1', ...lines.slice(2 * code, 2 * code + 2)].join('\n'))
  }

  private async receipt({ lines }: Opened): Promise<{ receipt: string; signature: string; facts: string[] } | null> {
    if (lines.length === 0) return null
    const envelope = JSON.parse(lines[0] ?? '') as { batch: string; enrolment: string; facts: number }
    const { manifest } = JSON.parse(lines[1] ?? '') as { manifest: string }
    const facts = lines.slice(2, 2 + envelope.facts).map((line) => createHash('sha256').update(line).digest('hex'))
    const receipt = JSON.stringify({
      batch: envelope.batch, station: STATION, enrolment: envelope.enrolment, manifest, count: facts.length, exceptions: [],
      time: '2026-11-21T03:00:00.000Z', epoch: 1, log: { size: 10, root: 'ab'.repeat(32) }, backed_up_to: 0, backoff_s: 0,
    })
    return { receipt, signature: await this.station.sign(`grid-inspector/receipt/1\n${receipt}`), facts }
  }
}
