// A phone for tests: fresh databases, an enrolment with real keys, and the station's private key to sign receipts with.
// It must not fake anything the phone itself does.

import 'fake-indexeddb/auto'
import { threadId } from 'node:worker_threads'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { Dexie } from 'dexie'
import { vi, type MockInstance } from 'vitest'
import { enterSpace, withUser } from '../src/db/access'
import { UserDatabase } from '../src/db/user'
import { base64url } from '../src/lib/bytes'
import { makeOwnKey, sign } from '../src/lib/signature'
import type { WireRow } from '../src/contract/wire'
import { applyRows } from '../src/data/applied_rows'

export const STATION = '018f0000-0000-7000-8000-00000000aaaa'
export const ANA = '018f0000-0000-7000-8000-00000000bbbb'
export const ENROLMENT = '018f0000-0000-7000-8000-00000000cccc'
export const SITE = '018f0000-0000-7000-8000-00000000dddd'
export const GRID = '018f0000-0000-7000-8000-00000000eeee'
export const CHECKLIST = 'cl-lpg-restaurant'

export interface StationKey {
  public_key: string
  sign: (message: string) => Promise<string>
}

/** An emptied phone, as new out of the box. */
export function newPhone(): void {
  const factory = new IDBFactory()
  globalThis.indexedDB = factory
  Object.assign(Dexie.dependencies, { indexedDB: factory, IDBKeyRange })
  globalThis.localStorage = memoryStorage()
  keepLocksToThisFile()
  enterSpace('')
}

const processLocks = navigator.locks

/** Node's locks are those of all threads: test files at work beside each other would be tabs of one phone. */
function keepLocksToThisFile(): void {
  const request = (name: string, ...more: [LockOptions, LockGrantedCallback<unknown>]): Promise<unknown> => processLocks.request(`${threadId}:${name}`, ...more)
  Object.defineProperty(navigator, 'locks', { configurable: true, value: { request } })
}

function memoryStorage(): Storage {
  const kept = new Map<string, string>()
  return {
    get length() {
      return kept.size
    },
    clear: () => kept.clear(),
    getItem: (key) => kept.get(key) ?? null,
    key: (index) => [...kept.keys()][index] ?? null,
    removeItem: (key) => void kept.delete(key),
    setItem: (key, value) => void kept.set(key, value),
  }
}

export async function stationKey(): Promise<StationKey> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const public_key = base64url(await crypto.subtle.exportKey('raw', pair.publicKey))
  return { public_key, sign: (message) => sign(pair.privateKey, message) }
}

export async function enrolledPhone(): Promise<StationKey> {
  newPhone()
  const station = await stationKey()
  const own = await makeOwnKey()
  await withUser(async (db) => {
    await db.keys.put({ key: 'own_key', ...own })
    await db.counters.put({ key: 'counter', enrolment: ENROLMENT, next_n: 1 })
    await db.identity.put({
      key: 'me', enrolment: ENROLMENT, token: 'token', account: ANA, account_name: '安娜', roles: ['inspector'], areas: [GRID],
      station: STATION, station_name: '幸福镇', timezone: 'Asia/Shanghai', server_key: station.public_key, epoch: 1, offset_ms: 0,
      revoked: false, signed_out: false, number_reused: false, enrolled_at: '2026-11-01T00:00:00.000Z', last_contact_at: null, backed_up_to: 0,
    })
  })
  await applyRows({ store: 'A', rows: ROWS, gone: [], facts: [], marks: {} })
  return station
}

const base = { heads: [], conflicts: [], flags: [], incomplete: false, facts: 1 }
export function wireRow(type: string, id: string, fields: object, i = 1): WireRow {
  return { type, id, i, row: { id, type, ...base, ...fields } }
}

export const ROWS: WireRow[] = [
  wireRow('area', GRID, { name: '第3网格', level: 'grid' }),
  wireRow('site', SITE, {
    state: 'active', name: '老街川味馆', place_types: ['餐饮(瓶装液化气)'], area: GRID, grade: 'A', initials: 'ljcwg', registered_at: '2026-01-05T00:00:00.000Z',
    heads: ['018f0000-0000-7000-8000-000000000001'],
  }),
  wireRow('checklist', '018f0000-0000-7000-8000-00000000ffff', {
    checklist: CHECKLIST, version: 1, sha256: 'ab'.repeat(32),
    content: { title: '餐饮场所液化石油气安全检查表', short: '餐饮燃气', place_types: ['餐饮(瓶装液化气)'], frequency: { A: 'P1M' }, items: [{}, {}] },
  }),
]

type Transaction = (...args: unknown[]) => unknown

/** Stands in for every read-write transaction on one's own work; `real` goes on as always. */
export function interceptTransactions(fake: (args: unknown[], real: () => unknown) => unknown): MockInstance {
  const prototype = UserDatabase.prototype as unknown as { transaction: Transaction }
  const genuine = prototype.transaction
  return vi.spyOn(prototype, 'transaction').mockImplementation(function (this: UserDatabase, ...args: unknown[]) {
    return fake(args, () => genuine.apply(this, args))
  })
}

/** Stands in for every save of a draft, as the browser sees it: an error fails it, null lets it through. */
export function interceptSaves(fail: () => Error | null): { tries: () => number; mockRestore: () => void } {
  const genuine = IDBDatabase.prototype.transaction
  let tries = 0
  const spy = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, stores, mode, options) {
    const saves = mode === 'readwrite' && [stores].flat().includes('drafts')
    if (saves) tries += 1
    const error = saves ? fail() : null
    if (error) throw error
    return genuine.call(this, stores, mode, options)
  })
  return { tries: () => tries, mockRestore: () => spy.mockRestore() }
}

export function failure(name: string, message: string, inner?: string): Error {
  return Object.assign(new Error(message), { name, ...(inner ? { inner: Object.assign(new Error(inner), { name: inner }) } : {}) })
}

/** As after a killed browser: nothing in memory survives, the databases do. */
export function killBrowser(): void {
  enterSpace('')
}

/** A PIN whose hash costs next to nothing: how much it costs is kept with each. */
export async function quickPin(pin: string): Promise<void> {
  const [salt, iterations] = [new Uint8Array(16), 1]
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, ['deriveBits'])
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, key, 256)
  await withUser((db) => db.settings.put({ name: 'pin', value: { salt: base64url(salt), hash: base64url(bits), iterations } }))
}
