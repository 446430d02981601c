// A small station in this process, for the transport's unit tests: real HTTP, real signatures, and switches for every way a line
// or a station can misbehave. The real server is tried in tests/e2e; this one must not grow rules of its own.

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { JSDOM } from 'jsdom'
import { setOrigin } from '../src/transport/client'
import type { Changes, Receipt, WireRow } from '../src/contract/wire'
import { ENROLMENT, STATION, type StationKey } from './phone'

/** What goes wrong, once each, in this order; empty means all is well. */
export type Mishap =
  | 'portal' | 'drop_reply' | 'forged' | 'foreign_manifest' | 'busy' | 'refuse_large' | 'refuse_one' | 'cut' | 'wrong_hash' | 'lie_offset' | 'forged_photo' | 'scope_changed' | 'unauthorized' | 'no_whole_photos' | 'no_restore'
  | 'restored_again'

interface Seen {
  method: string
  path: string
  body: Buffer
  headers: IncomingMessage['headers']
}

export class Station {
  readonly key: StationKey
  mishaps: Mishap[] = []
  always: Mishap | null = null
  seen: Seen[] = []
  bodies: string[] = []
  facts = new Map<string, string>()
  photos = new Map<string, { bytes: Buffer; held: boolean; declared: number }>()
  receipts = new Map<string, string>()
  rows: WireRow[] = []
  /** of a snapshot, in one page */
  pageRows = Infinity
  news: Changes['facts'] = []
  verdicts = new Map<string, string>()
  refusedWord = '坏'
  epoch = 1
  n_received = 0
  photosWanted: NonNullable<Changes['photos_wanted']> = []
  retryAfter: number | null = null
  /** no rows for this phone any more; what it holds is taken all the same */
  revoked = false
  /** told with a proof of consistency: of which log it is */
  proofEpoch: number | null = null
  clock = (): Date => new Date()
  private server: Server
  origin = ''

  constructor(key: StationKey) {
    this.key = key
    this.server = createServer((request, response) => void this.answer(request, response))
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    this.origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
    pageAt(this.origin)
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private take(...wanted: Mishap[]): Mishap | null {
    if (this.always && wanted.includes(this.always)) return this.always
    const index = this.mishaps.findIndex((mishap) => wanted.includes(mishap))
    return index < 0 ? null : (this.mishaps.splice(index, 1)[0] ?? null)
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    if (body === null) return // the line broke: nothing of it is kept
    const path = request.url ?? ''
    this.seen.push({ method: request.method ?? '', path, body, headers: request.headers })
    const mishap = this.take('portal', 'busy', 'unauthorized')
    if (mishap === 'portal') return void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>请登录酒店网络</h1>')
    if (mishap === 'busy') return this.problem(response, 503, 'database-busy', true, this.retryAfter === null ? {} : { 'Retry-After': String(this.retryAfter) })
    if (mishap === 'unauthorized') return this.problem(response, 401, 'token-unknown', false)
    if (path.includes('/sync/batches')) return this.batch(body, request, response)
    if (path.includes('/sync/doubts')) return this.json(response, { noted: true })
    if (path.includes('/sync/previews')) return this.json(response, { stored: 1, ignored: 0 })
    if (path.includes('/photos/')) return this.photo(path.split('/').pop() ?? '', body, request, response)
    if (path.includes('/sync/changes')) return this.changes(path, response)
    if (path.includes('/ledger/consistency') && this.proofEpoch !== null) return this.json(response, { from: 0, to: 0, epoch: this.proofEpoch, path: [] })
    if (path.includes('/enrolments/')) return this.enrolment(body, response)
    if (path.includes('/sync/snapshot') && this.revoked) return this.problem(response, 403, 'enrolment-revoked', false)
    if (path.includes('/sync/snapshot')) return this.snapshot(new URL(path, this.origin).searchParams, request, response)
    return this.problem(response, 404, 'not-found', false)
  }

  private async snapshot(asked: URLSearchParams, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (asked.has('after') && this.take('scope_changed')) return this.problem(response, 409, 'scope-changed', false)
    const from = Number(asked.get('after') ?? 0)
    if (from > 0 && this.take('drop_reply')) return void request.socket.destroy()
    const end = from + this.pageRows
    const next = end < this.rows.length ? String(end) : null
    this.json(response, { at: this.facts.size, cursor: `${this.facts.size}.2`, rows: this.rows.slice(from, end), next, ...(await this.trailer()) })
  }

  private json(response: ServerResponse, value: unknown, headers: object = {}): void {
    response.writeHead(200, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(value))
  }

  problem(response: ServerResponse, status: number, code: string, retry: boolean, headers: object = {}, detail = '站里没有收下'): void {
    response.writeHead(status, { 'Content-Type': 'application/problem+json', ...headers }).end(JSON.stringify({ code, detail, status, retry }))
  }

  private async batch(raw: Buffer, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const stated = /:(.*):/.exec(String(request.headers['content-digest']))?.[1]
    if (stated !== createHash('sha256').update(raw).digest('base64')) return this.problem(response, 400, 'digest-mismatch', true)
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString()
    this.bodies.push(text)
    const lines = text.trimEnd().split('\n')
    const envelope = JSON.parse(lines[0] ?? '') as { batch: string; facts: number; n_max: number }
    const { manifest } = JSON.parse(lines[1] ?? '') as { manifest: string }
    const facts = lines.slice(2, 2 + envelope.facts)
    if (this.take('refuse_large') && facts.length > 1) return this.problem(response, 413, 'too-large', false)
    if (this.always === 'refuse_one' && facts.some((line) => line.includes(this.refusedWord))) return this.problem(response, 422, 'not-a-batch', false)
    for (const line of facts) this.store(line)
    this.n_received = envelope.n_max
    if (this.take('drop_reply')) return void request.socket.destroy()
    const receipt = this.receipts.get(envelope.batch) ?? this.receipt(envelope.batch, manifest, facts)
    this.receipts.set(envelope.batch, receipt)
    const bad = this.take('forged', 'foreign_manifest')
    const said = bad === 'foreign_manifest' ? receipt.replace(manifest, 'f'.repeat(64)) : receipt
    const signature = await this.key.sign(bad === 'forged' ? 'something else' : `grid-inspector/receipt/1\n${said}`)
    const partial = [...this.photos].flatMap(([hash, photo]) => (!photo.held && photo.bytes.length > 0 ? [[hash, photo.bytes.length]] : []))
    this.json(response, { receipt: said, signature, photos: { held: [...this.photos].filter(([, photo]) => photo.held).map(([hash]) => hash), partial }, revoked: false })
  }

  private store(line: string): void {
    const fact = JSON.parse(line) as { id: string; photos: { sha256: string; bytes: number }[] }
    this.facts.set(fact.id, line)
    for (const { sha256, bytes } of fact.photos) if (!this.photos.has(sha256)) this.photos.set(sha256, { bytes: Buffer.alloc(0), held: false, declared: bytes })
  }

  private receipt(batch: string, manifest: string, facts: string[]): string {
    const exceptions = facts.flatMap((line, position) => {
      const verdict = this.verdicts.get((JSON.parse(line) as { kind: string }).kind)
      return verdict ? [[position, verdict] as [number, string]] : []
    })
    const receipt: Receipt = {
      batch, station: STATION, enrolment: ENROLMENT, manifest, count: facts.length, exceptions, time: this.clock().toISOString(), epoch: this.epoch,
      log: { size: this.facts.size, root: '0'.repeat(64) }, backed_up_to: 0, backoff_s: 0,
    }
    return JSON.stringify(receipt)
  }

  private async photo(hash: string, part: Buffer, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const photo = this.photos.get(hash)
    if (!photo) return this.problem(response, 404, 'photo-not-declared', true)
    const place = (): object => ({ 'Upload-Offset': String(photo.bytes.length), 'Upload-Epoch': '1' })
    if (request.method === 'HEAD') {
      if (!photo.held) return void response.writeHead(204, place() as never).end()
      const { receipt, signature } = await this.photoReceipt(hash, photo.bytes.length)
      return void response.writeHead(200, { ...place(), 'Photo-Receipt': receipt, 'Photo-Signature': signature } as never).end()
    }
    if (request.method === 'PUT') return this.wholePhoto(hash, part, request, response)
    const mishap = this.take('cut', 'lie_offset', 'wrong_hash')
    if (mishap === 'cut') {
      photo.bytes = Buffer.concat([photo.bytes, part])
      return void request.socket.destroy()
    }
    if (mishap === 'lie_offset' || Number(request.headers['upload-offset']) !== photo.bytes.length) return this.problem(response, 409, 'wrong-offset', true, place())
    photo.bytes = Buffer.concat([photo.bytes, part])
    if (photo.bytes.length < Number(request.headers['upload-length'])) return void response.writeHead(204, place() as never).end()
    if (mishap === 'wrong_hash' || createHash('sha256').update(photo.bytes).digest('hex') !== hash) {
      photo.bytes = Buffer.alloc(0)
      return this.problem(response, 422, 'photo-hash-mismatch', true, place())
    }
    photo.held = true
    this.json(response, await this.photoReceipt(hash, photo.bytes.length), place())
  }

  private async wholePhoto(hash: string, bytes: Buffer, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.take('cut')) return void request.socket.destroy()
    if (this.take('no_whole_photos')) return this.problem(response, 405, 'method-not-allowed', false)
    const broken = this.take('wrong_hash') !== null || createHash('sha256').update(bytes).digest('hex') !== hash
    if (broken) return this.problem(response, 400, 'digest-mismatch', true)
    this.photos.set(hash, { bytes, held: true, declared: bytes.length })
    const { receipt, signature } = await this.photoReceipt(hash, bytes.length)
    const { condition, epoch, time } = JSON.parse(receipt) as { condition: string; epoch: number; time: string }
    response.writeHead(204, { 'Photo-Held': `${condition} ${epoch} ${time} ${signature}` }).end()
  }

  /** As a restored station that knows no enrolment any more: it takes its own word for each. */
  private enrolment(body: Buffer, response: ServerResponse): void {
    const told = JSON.parse(body.toString()) as { statement?: string; within?: number }
    if (this.take('no_restore')) return this.problem(response, 409, 'no-restore', false)
    if (!told.statement) return this.problem(response, 410, 'code-used', false)
    const { enrolment } = JSON.parse(told.statement) as { enrolment: string }
    if (enrolment.includes('dead')) return this.problem(response, 403, 'enrolment-revoked', false)
    if (told.within !== undefined && told.within !== this.epoch) return this.problem(response, 409, 'epoch-changed', true)
    this.json(response, { enrolment, token: `token of ${enrolment}`, epoch: this.epoch })
    if (this.take('restored_again')) this.epoch += 1
  }

  private async photoReceipt(hash: string, bytes: number): Promise<{ receipt: string; signature: string }> {
    const receipt = JSON.stringify({ photo: hash, bytes, condition: 'ok', station: STATION, time: this.clock().toISOString(), epoch: this.epoch })
    return { receipt, signature: await this.key.sign(this.take('forged_photo') ? 'x' : `grid-inspector/photo/1\n${receipt}`) }
  }

  private async trailer(): Promise<Omit<Changes, 'more' | 'facts' | 'rows' | 'gone' | 'cursor'>> {
    const time = this.clock().toISOString()
    const [size, root] = [this.facts.size, '0'.repeat(64)]
    const signature = await this.key.sign(['grid-inspector/head/1', STATION, this.epoch, size, root, time].join('\n'))
    return {
      time, epoch: this.epoch, head: { size, root, time, signature }, account: { id: 'other' } as never,
      station: { id: STATION, code: 'X', name: '幸福镇', timezone: 'Asia/Shanghai' }, n_received: this.n_received, ...(this.photosWanted.length > 0 ? { photos_wanted: this.photosWanted } : {}), control: { revoked: this.revoked, min_app: '' },
    }
  }

  private async changes(path: string, response: ServerResponse): Promise<void> {
    if (this.take('scope_changed')) return this.problem(response, 409, 'scope-changed', true)
    const after = /after=(\d+)\./.exec(path)?.[1]
    if (Number(after ?? 0) > this.facts.size) return this.problem(response, 409, 'bad-cursor', false)
    if (this.revoked) return this.json(response, { cursor: `${after ?? 0}.1`, more: false, facts: [], rows: [], gone: [], ...(await this.trailer()) })
    this.json(response, { cursor: `${this.facts.size}.1`, more: false, facts: this.news, rows: this.rows, gone: [], ...(await this.trailer()) })
  }
}

/** As if the app had been loaded from this address. */
export function pageAt(origin: string): void {
  setOrigin(origin)
  globalThis.XMLHttpRequest = new JSDOM('', { url: origin }).window.XMLHttpRequest as unknown as typeof XMLHttpRequest
}

/** Null when it was cut short. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
  } catch {
    return null
  }
  return Buffer.concat(chunks)
}
