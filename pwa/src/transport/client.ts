// One request to the station. Success is only what has the station's form: JSON where JSON was asked for, or its own headers.
// It must not decide what to do next, and never repeats a request by itself.

import type { Problem } from '../contract/wire'
import { LANGUAGE } from '../lib/app_address'
import { base64, sha256, utf8, type Bytes } from '../lib/bytes'
import { NO_NETWORK, PORTAL, SLOW, fault, type Failure, type Result } from './results'

export const API = '/api/v1'
const ANSWER_MS_MAX = 60_000

export interface Ask {
  method: 'GET' | 'POST' | 'HEAD' | 'PATCH' | 'PUT'
  path: string
  token?: string | null
  body?: Bytes
  headers?: { [name: string]: string }
  signal?: AbortSignal
}

let origin = ''

/** For tests: a page's requests are relative, Node's cannot be. */
export function setOrigin(url: string): void {
  origin = url
}

export function urlOf(path: string): string {
  return `${origin}${API}${path}`
}

export function headersOf({ token, headers }: Pick<Ask, 'token' | 'headers'>): { [name: string]: string } {
  return { 'Accept-Language': LANGUAGE, ...(token ? { Authorization: `Bearer ${token}` } : {}), ...headers }
}

export async function ask<T>(request: Ask): Promise<Result<T>> {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), ANSWER_MS_MAX)
  request.signal?.addEventListener('abort', () => timeout.abort())
  const sent_at = Date.now()
  try {
    const response = await fetch(urlOf(request.path), {
      method: request.method,
      headers: headersOf(request),
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error', // the station never redirects; log-in pages do
      signal: timeout.signal,
      ...(request.body ? { body: request.body } : {}),
    })
    return await resultOf<T>(response, sent_at)
  } catch {
    return timeout.signal.aborted && !request.signal?.aborted ? SLOW : NO_NETWORK
  } finally {
    clearTimeout(timer)
  }
}

async function resultOf<T>(response: Response, sent_at: number): Promise<Result<T>> {
  const text = await response.text()
  return judged<T>(response.status, response.headers, text, sent_at)
}

/** Shared with the part sender, which has no Response. */
export function judged<T>(status: number, headers: Headers, text: string, sent_at: number): Result<T> {
  const type = headers.get('Content-Type') ?? ''
  if (status >= 400) return failureOf(status, headers, type, text)
  const done = { kind: 'done' as const, status, headers, sent_at, received_at: Date.now() }
  // answers without a body carry a header of the station's own instead
  if (text === '' && (headers.has('Upload-Offset') || headers.has('Photo-Held'))) return { ...done, body: null as T }
  if (!type.startsWith('application/json')) return PORTAL
  try {
    return { ...done, body: JSON.parse(text) as T }
  } catch {
    return fault(status)
  }
}

function failureOf(status: number, headers: Headers, type: string, text: string): Failure {
  const retryAfter = retryAfterOf(headers)
  const own = type.startsWith('application/problem+json')
  if (own && text === '' && status < 500) return bare(status, headers, retryAfter)
  if (own && text !== '') {
    try {
      return { kind: 'refused', problem: { ...(JSON.parse(text) as Problem), status }, headers, retry_after_s: retryAfter }
    } catch {
      return fault(status, retryAfter)
    }
  }
  return status >= 500 || status === 429 || status === 408 ? fault(status, retryAfter) : PORTAL
}

/** The station's answer to a HEAD: it has no body, the status is all there is. */
function bare(status: number, headers: Headers, retry_after_s: number | null): Failure {
  return { kind: 'refused', problem: { code: `status-${status}`, detail: '站里没有答应', status, retry: false }, headers, retry_after_s }
}

function retryAfterOf(headers: Headers): number | null {
  const seconds = Number(headers.get('Retry-After') ?? NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null
}

// ---- bodies ------------------------------------------------------------------------------------

export async function digestHeader(body: Bytes): Promise<string> {
  return `sha-256=:${base64(await sha256(body))}:`
}

/** gzip where the browser can, as it is where it cannot; the bytes inside are the same. */
export async function packed(text: string): Promise<{ body: Bytes; headers: { [name: string]: string } }> {
  const plain = utf8(text)
  if (typeof CompressionStream === 'undefined') return { body: plain, headers: {} }
  const stream = new Blob([plain]).stream().pipeThrough(new CompressionStream('gzip'))
  const body = new Uint8Array(await new Response(stream).arrayBuffer())
  return { body, headers: { 'Content-Encoding': 'gzip' } }
}

export function jsonBody(value: unknown): Pick<Ask, 'body' | 'headers'> {
  return { body: utf8(JSON.stringify(value)), headers: { 'Content-Type': 'application/json' } }
}
