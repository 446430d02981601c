// The desk's way to the station: JSON over a cookie session, each answer one of four results (style 7).
// It knows no noun. A 200 that is not our JSON (a captive portal, a proxy) is never success.

import { computed, shallowRef } from 'vue'

export interface Problem {
  code: string
  title: string
  detail: string
  status: number
  retry: boolean
  fields?: { path: string; text: string }[]
  wait_s?: number
}
export type Result<Value> =
  | { is: 'done'; value: Value }
  | { is: 'offline' }
  | { is: 'refused'; problem: Problem }
  | { is: 'fault'; status: number }

export interface Session {
  account: { id: string; name: string; login: string; roles: string[]; areas: string[] }
  station: { id: string; code: string; name: string; timezone: string }
  csrf: string
  roles: string[]
}

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>

const API = '/api/v1'
const REQUEST_MS_MAX = 30_000
const current = shallowRef<Session | null>(null)

/** The session as last told by the station; null when nobody is signed in. */
export const session = computed(() => current.value)
export const stationName = computed(() => current.value?.station.name ?? '')

export function has(role: string): boolean {
  return current.value?.roles.includes(role) ?? false
}

export function keepSession(value: Session | null): void {
  current.value = value
}

export function queryText(query: Query): string {
  const parts = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '' || value === false) continue
    const text = Array.isArray(value) ? value.join(',') : String(value)
    if (text !== '') parts.set(name, text)
  }
  const text = parts.toString()
  return text ? `?${text}` : ''
}

export function get<Value>(path: string, query: Query = {}): Promise<Result<Value>> {
  return ask<Value>('GET', path + queryText(query))
}

export function post<Value>(path: string, body: unknown = {}): Promise<Result<Value>> {
  return ask<Value>('POST', path, JSON.stringify(body))
}

export function remove<Value>(path: string): Promise<Result<Value>> {
  return ask<Value>('DELETE', path, '{}')
}

/** A file goes up as the multipart form the station expects under the name `file`. */
export function sendFile<Value>(path: string, file: File): Promise<Result<Value>> {
  const form = new FormData()
  form.set('file', file)
  return ask<Value>('POST', path, form)
}

/** One part of a photo goes up as it is; where to go on stands in the answer's headers. */
export function sendBytes<Value>(path: string, body: ArrayBuffer, headers: Record<string, string>, heard: (headers: Headers) => void): Promise<Result<Value>> {
  return ask<Value>('PATCH', path, body, { 'Content-Type': 'application/octet-stream', ...headers }, heard)
}

/** What the station says of something without sending it: the status, and the headers to read. */
export async function look(path: string, heard: (headers: Headers) => void): Promise<Result<undefined>> {
  return ask<undefined>('HEAD', path, undefined, {}, heard)
}

async function ask<Value>(method: string, path: string, body?: string | FormData | ArrayBuffer, more: Record<string, string> = {}, heard?: (headers: Headers) => void): Promise<Result<Value>> {
  const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': 'zh-CN', ...more }
  if (typeof body === 'string') headers['Content-Type'] = 'application/json'
  if (current.value !== null && method !== 'GET') headers['X-CSRF'] = current.value.csrf
  const stop = new AbortController()
  const timer = setTimeout(() => { stop.abort() }, REQUEST_MS_MAX)
  try {
    const request: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store', signal: stop.signal }
    if (body !== undefined) request.body = body
    const answer = await fetch(API + path, request)
    heard?.(answer.headers)
    if (method === 'HEAD') return answer.ok ? { is: 'done', value: undefined as Value } : { is: 'fault', status: answer.status } // it has no body to read
    return await read<Value>(answer)
  } catch {
    return { is: 'offline' } // no network, refused connection, or our own time-out: all the same to the person
  } finally {
    clearTimeout(timer)
  }
}

async function read<Value>(answer: Response): Promise<Result<Value>> {
  const type = answer.headers.get('Content-Type') ?? ''
  if (answer.status === 204) return { is: 'done', value: undefined as Value }
  if (answer.ok && type.startsWith('application/json')) return { is: 'done', value: (await answer.json()) as Value }
  if (type.startsWith('application/problem+json')) {
    const problem = (await answer.json()) as Problem
    if (answer.status === 401) current.value = null
    return { is: 'refused', problem }
  }
  return { is: 'fault', status: answer.status }
}

/** What to tell the person about a result that is not done. */
export function sayTrouble(result: Exclude<Result<unknown>, { is: 'done' }>): string {
  if (result.is === 'offline') return '连不上站里，请看看网络，再试一次。'
  if (result.is === 'fault') return `站里出了点问题（${String(result.status)}），请过一会儿再试。`
  // the sentence of a problem about one field is often that field's
  const fields = [...new Set(result.problem.fields?.map((each) => each.text) ?? [])].filter((text) => text !== result.problem.detail)
  return fields.length > 0 ? `${result.problem.detail} ${fields.join('；')}` : result.problem.detail
}
