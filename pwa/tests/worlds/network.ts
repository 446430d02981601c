// The line between the phones and the real station: fetch and XMLHttpRequest as pages see them, and what may become of one request.
// A request waits here until the world lets it travel; its fate is drawn from the seed. It must not know what a request means.

import { request as httpRequest, type Agent } from 'node:http'
import type { Chance } from './chance.ts'
import type { Page } from './page.ts'

export interface Reply {
  status: number
  headers: { [name: string]: string }
  body: Buffer
  /** the line broke while it came down */
  torn?: boolean
}

export interface Wanted {
  method: string
  path: string
  headers: { [name: string]: string }
  body: Buffer | null
}

interface Call {
  page: Page
  wanted: Wanted
  /** null: nothing came back */
  answer: (reply: Reply | null) => void
  over: boolean
}

export type Fate =
  | 'ok' | 'no_way' | 'silence' | 'reply_lost' | 'reply_lost_in_silence' | 'twice' | 'twice_at_once' | 'late' | 'cut' | 'changed' | 'portal' | 'portal_json'
  | 'redirected' | 'bad_gateway' | 'bad_gateway_after' | 'busy' | 'reply_torn' | 'reply_halved'

const FATES: readonly Fate[] = [
  'no_way', 'silence', 'reply_lost', 'reply_lost', 'reply_lost_in_silence', 'twice', 'twice_at_once', 'late', 'cut', 'changed', 'portal', 'portal_json',
  'redirected', 'bad_gateway', 'bad_gateway_after', 'busy', 'reply_torn', 'reply_halved',
]
const LATE_MAX = 12
const REAL_MS_MAX = 30_000
/** the station shall have read what came before the line broke */
const CUT_PAUSE_MS = 3

const problem = (status: number, code: string, headers: object = {}): Reply => ({
  status, headers: { 'Content-Type': 'application/problem+json', ...headers }, body: Buffer.from(JSON.stringify({ code, detail: '站里正忙', status, retry: true })),
})
const page = (status: number, type: string, text: string): Reply => ({ status, headers: { 'Content-Type': type }, body: Buffer.from(text) })
const PORTAL = page(200, 'text/html', '<h1>请登录酒店网络</h1>')
const PORTAL_JSON = page(200, 'application/json', '{"login":"http://hotel.example","receipt":"ok","signature":"ok"}')
const BAD_GATEWAY = page(502, 'text/html', '<h1>502 Bad Gateway</h1>')

export class Network {
  readonly waiting: Call[] = []
  /** sent long ago and still on its way */
  readonly late: Wanted[] = []
  /** how often each fate came */
  readonly fates = new Map<string, number>()
  /** odds that anything goes wrong */
  trouble: number
  private readonly chance: Chance
  private readonly origin: URL
  private readonly agent: Agent

  constructor(chance: Chance, origin: string, agent: Agent, trouble: number) {
    this.chance = chance
    this.origin = new URL(origin)
    this.agent = agent
    this.trouble = trouble
  }

  /** Lets one waiting request travel; what became of it, in words that are the same in every run. */
  async carry(): Promise<string> {
    return (await this.fetched())()
  }

  /** The same in two: what comes back is here, and reaches the page when it is called. */
  async fetched(): Promise<() => string> {
    const call = this.waiting.splice(this.chance.int(this.waiting.length), 1)[0]
    if (!call) return () => 'nothing waits'
    const fate = this.chance.hits(this.trouble) ? this.chance.pick(FATES) : 'ok'
    this.fates.set(fate, (this.fates.get(fate) ?? 0) + 1)
    const reply = await this.fated(call.wanted, fate)
    return () => {
      if (reply !== 'silence') this.answer(call, reply)
      const told = reply === 'silence' ? 'silence' : (reply?.status ?? 'nothing')
      return `${call.page.device.name} ${call.wanted.method} ${route(call.wanted.path)} ${fate} ${told}`
    }
  }

  private answer(call: Call, reply: Reply | null): void {
    if (call.over || !call.page.deliver()) return
    call.over = true
    call.answer(reply)
  }

  private async fated(wanted: Wanted, fate: Fate): Promise<Reply | null | 'silence'> {
    switch (fate) {
      case 'ok': return this.send(wanted)
      case 'no_way': case 'redirected': return null
      case 'silence': return 'silence'
      case 'portal': return PORTAL
      case 'portal_json': return PORTAL_JSON
      case 'bad_gateway': return BAD_GATEWAY
      case 'busy': return problem(503, 'database-busy', { 'Retry-After': '2' })
      case 'late': return this.postpone(wanted)
      case 'cut': await this.send(wanted, this.chance.random()); return null
      case 'changed': return this.send(this.mangled(wanted))
      case 'reply_lost': await this.send(wanted); return null
      case 'reply_lost_in_silence': await this.send(wanted); return 'silence'
      case 'bad_gateway_after': await this.send(wanted); return BAD_GATEWAY
      case 'twice': await this.send(wanted); return this.send(wanted)
      case 'twice_at_once': return (await Promise.all([this.send(wanted), this.send(wanted)]))[this.chance.int(2)] ?? null
      case 'reply_torn': return { ...(await this.send(wanted)), torn: true }
      case 'reply_halved': {
        const reply = await this.send(wanted)
        return { ...reply, body: reply.body.subarray(0, Math.floor(reply.body.length * this.chance.random())) }
      }
    }
  }

  private postpone(wanted: Wanted): null {
    if (this.late.length < LATE_MAX) this.late.push(wanted)
    return null
  }

  /** Something in between cuts the body and says so truthfully: only the digest tells. */
  private mangled(wanted: Wanted): Wanted {
    if (!wanted.body || wanted.body.length < 2) return wanted
    return { ...wanted, body: wanted.body.subarray(0, 1 + this.chance.int(wanted.body.length - 1)) }
  }

  /** One that was thought lost arrives after all, past younger ones. */
  async deliverLate(): Promise<string> {
    const wanted = this.late.splice(this.chance.int(this.late.length), 1)[0]
    return wanted ? `${wanted.method} ${route(wanted.path)} ${(await this.send(wanted)).status}` : 'none'
  }

  abandon(gone: Page): void {
    for (const call of this.waiting.filter((each) => each.page === gone)) {
      // half of what a dying browser was sending is out already
      if (this.chance.hits(0.5)) this.postpone(call.wanted)
      this.waiting.splice(this.waiting.indexOf(call), 1)
    }
  }

  /** Over real HTTP; `part`: the line breaks after so much of the body. */
  send(wanted: Wanted, part: number | null = null): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.origin
      const length = wanted.body === null ? {} : { 'Content-Length': String(wanted.body.length) }
      const options = { hostname, port, path: wanted.path, method: wanted.method, headers: { ...wanted.headers, ...length }, agent: part === null ? this.agent : undefined, timeout: REAL_MS_MAX }
      const broken = (error: Error): void => (part === null ? reject(new Error(`the station: ${error.message}`)) : resolve(PORTAL))
      const request = httpRequest(options, (response) => {
        const parts: Buffer[] = []
        response.on('data', (each: Buffer) => parts.push(each)).on('error', broken)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers as Reply['headers'], body: Buffer.concat(parts) }))
      })
      request.on('error', broken).on('timeout', () => request.destroy(new Error('no answer')))
      if (part === null || !wanted.body) return void request.end(wanted.body ?? undefined)
      request.write(wanted.body.subarray(0, Math.floor(wanted.body.length * part)), () => setTimeout(() => request.destroy(new Error('cut')), CUT_PAUSE_MS))
    })
  }

  // ---- as a page sees it ---------------------------------------------------------------------------

  seenBy(page: Page): object {
    const ask = (wanted: Wanted, answer: Call['answer']): Call => {
      const call = { page, wanted, answer, over: !page.alive }
      if (page.alive) this.waiting.push(call)
      return call
    }
    const drop = (call: Call): void => {
      call.over = true
      const place = this.waiting.indexOf(call)
      // the station may have it all the same
      if (place >= 0 && this.chance.hits(0.5)) this.postpone(call.wanted)
      if (place >= 0) this.waiting.splice(place, 1)
    }
    return { fetch: fetchOf(ask, drop), XMLHttpRequest: xhrOf(ask, drop) }
  }
}

type Asking = (wanted: Wanted, answer: Call['answer']) => Call
type Dropping = (call: Call) => void

function route(path: string): string {
  return path.replace('/api/v1', '').replace(/\?.*/, '').replace(/[0-9a-f-]{36,64}/, '*')
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url)
  return pathname + search
}

function fetchOf(ask: Asking, drop: Dropping): unknown {
  return (url: string, init: { method?: string; headers?: { [name: string]: string }; body?: Uint8Array; signal?: AbortSignal } = {}) =>
    new Promise((resolve, reject) => {
      const body = init.body ? Buffer.from(init.body) : null
      const call = ask({ method: init.method ?? 'GET', path: pathOf(url), headers: init.headers ?? {}, body }, (reply) =>
        reply === null ? reject(new TypeError('Failed to fetch')) : resolve(responseOf(reply)))
      init.signal?.addEventListener('abort', () => {
        if (call.over) return
        drop(call)
        reject(new DOMException('aborted', 'AbortError'))
      })
    })
}

function responseOf({ status, headers, body, torn }: Reply): object {
  const whole = <T>(read: () => T): Promise<T> => (torn ? Promise.reject(new TypeError('network error')) : Promise.resolve(read()))
  return {
    status, ok: status < 300, headers: new Headers(headers), text: () => whole(() => body.toString('utf8')),
    arrayBuffer: () => whole(() => body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength)),
  }
}

function xhrOf(ask: Asking, drop: Dropping): unknown {
  return class {
    status = 0
    responseText = ''
    upload: { onprogress: ((event: { loaded: number }) => void) | null } = { onprogress: null }
    onprogress: (() => void) | null = null
    onload: (() => void) | null = null
    onerror: (() => void) | null = null
    private wanted: Wanted = { method: 'GET', path: '', headers: {}, body: null }
    private answered: Reply | null = null
    private call: Call | null = null

    open(method: string, url: string): void {
      this.wanted = { method, path: pathOf(url), headers: {}, body: null }
    }

    setRequestHeader(name: string, value: string): void {
      this.wanted.headers[name] = value
    }

    send(body: Uint8Array | null): void {
      this.wanted.body = body ? Buffer.from(body) : null
      this.call = ask(this.wanted, (reply) => this.settle(reply))
      this.upload.onprogress?.({ loaded: Math.floor((body?.length ?? 0) / 2) })
    }

    private settle(reply: Reply | null): void {
      if (reply === null || reply.torn) return this.onerror?.()
      this.upload.onprogress?.({ loaded: this.wanted.body?.length ?? 0 })
      this.answered = reply
      this.status = reply.status
      this.responseText = reply.body.toString('utf8')
      this.onload?.()
    }

    getAllResponseHeaders(): string {
      return Object.entries(this.answered?.headers ?? {}).map(([name, value]) => `${name}: ${value}`).join('\r\n')
    }

    abort(): void {
      if (this.call && !this.call.over) drop(this.call)
    }
  }
}
