// The PIN that a person's records on this phone are opened with: a slow salted hash, never the digits. Wrong ones wait longer and longer,
// up to a bound; the waiting passes only while the app is open, so that neither a restart nor another time on the phone's clock shortens it.
// Nothing is ever deleted for it. It must not open or hide anything itself (field/lock/).

import type { Json } from '../contract/wire'
import { withUser } from '../db/access'
import type { UserDatabase } from '../db/user'
import { base64url, fromBase64url, utf8 } from '../lib/bytes'
import { now } from '../lib/time'
import { Refusal, attempt } from './outcome'
import { changed } from './signal'
import type { Outcome } from './types'

export const PIN_DIGITS = 6
/**
 * What OWASP asks of PBKDF2 with SHA-256 (2023): 0.2 to 0.4 s on a desk, 1 to 2 s on a slow phone, once per unlocking. The number is kept
 * with each hash, so a later release may raise it. Six digits do not resist a computer anyway (docs/decisions/22): this makes it cost something.
 */
export const PIN_ITERATIONS = 600_000
const SALT_BYTES = 16
const HASH_BITS = 256

/** wrong PINs in a row that cost nothing: cold thumbs */
export const FREE_TRIES = 4
/** then each waits; the last holds for all that follow: a lock without an end would keep her from her own work */
export const WAITS_S = [30, 60, 120, 300] as const

export const LOCK_AFTER_S = [60, 300, 900] as const
export const LOCK_AFTER_S_AT_FIRST = 300

/** the setting's name; asked for at every start (identity.ts) */
export const PIN = 'pin'
const TRIES = 'pin-tries'
const LOCK_AFTER = 'lock-after'

interface PinRecord {
  salt: string
  hash: string
  iterations: number
}

/** so often the rest of a waiting time is stored: a restart costs a thief, or her, no more than this */
const KEPT_EVERY_S = 5

interface Tries {
  wrong: number
  /** by the phone's clock: tells this waiting time from others, and is all that earlier releases went by; null: the next may come at once */
  until: string | null
  wait_s: number
  /** of `wait_s`, not waited for yet; absent in what an earlier release stored */
  left_s?: number
}

const NO_TRIES: Tries = { wrong: 0, until: null, wait_s: 0, left_s: 0 }

/** Since when this page is waiting: by what runs on whatever the phone's clock says. */
let waiting: { after: string | null; left_s: number; since: number } | null = null

// ---- setting it --------------------------------------------------------------------------------

/** A new PIN, over the one of before (`current`; null when there is none). */
export async function setPin(pin: string, current: string | null): Promise<Outcome<null>> {
  return attempt(async () => {
    if (!new RegExp(`^\\d{${PIN_DIGITS}}$`).test(pin)) throw new Refusal('pin_shape', `PIN 是 ${PIN_DIGITS} 位数字`)
    if (isObvious(pin)) throw new Refusal('pin_obvious', '这个太好猜，换一个')
    await refuseWrong(current)
    const record = await hashed(pin, crypto.getRandomValues(new Uint8Array(SALT_BYTES)), PIN_ITERATIONS)
    await withUser((db) => db.transaction('rw', db.settings, async () => {
      await put(db, PIN, record)
      await db.settings.delete(TRIES)
    }))
    changed('settings')
    return null
  })
}

export async function removePin(current: string): Promise<Outcome<null>> {
  return attempt(async () => {
    await refuseWrong(current)
    await forgetPin()
    return null
  })
}

/** The station's code stood in for it (enrol.ts): the next one is chosen anew. */
export async function forgetPin(): Promise<void> {
  await withUser((db) => db.settings.bulkDelete([PIN, TRIES]))
  changed('settings')
}

async function refuseWrong(current: string | null): Promise<void> {
  if (current === null && !(await hasPin())) return
  const entered = await enterPin(current ?? '')
  if (!entered.ok) throw new Refusal('pin_wrong', entered.words)
}

/** 111111, 123456, 654321: what a thief tries first. */
export function isObvious(pin: string): boolean {
  const steps = new Set([...pin].slice(1).map((digit, place) => Number(digit) - Number(pin[place])))
  return steps.size === 1 && [0, 1, -1].includes([...steps][0] as number)
}

async function hashed(pin: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<PinRecord> {
  const key = await crypto.subtle.importKey('raw', utf8(pin), 'PBKDF2', false, ['deriveBits'])
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, key, HASH_BITS)
  return { salt: base64url(salt), hash: base64url(bits), iterations }
}

// ---- entering it -------------------------------------------------------------------------------

export type Entered = { ok: true } | { ok: false; wait_s: number; words: string }

/** A try is counted before it is judged: a phone that is switched off in between has had it all the same. */
export async function enterPin(pin: string): Promise<Entered> {
  const record = await recordOf<PinRecord>(PIN)
  if (!record) return { ok: true }
  const wait = await pinWait()
  if (wait > 0) return { ok: false, wait_s: wait, words: waitWords(wait) }
  const tries = await countTry()
  const { hash } = await hashed(pin, fromBase64url(record.salt), record.iterations)
  if (hash === record.hash) {
    await withUser((db) => db.settings.delete(TRIES))
    return { ok: true }
  }
  return { ok: false, wait_s: tries.wait_s, words: tries.wait_s > 0 ? waitWords(tries.wait_s) : '不对，再输一次' }
}

export function waitWords(seconds: number): string {
  return `错了几次，${seconds < 60 ? `${Math.ceil(seconds)} 秒` : `${Math.ceil(seconds / 60)} 分钟`}后再试。记的都还在`
}

/** Seconds until the next try, counted from the first time this page asks; asked again and again while somebody waits. */
export async function pinWait(): Promise<number> {
  const tries = await triesNow()
  const stored = leftOf(tries)
  if (stored <= 0) return 0
  if (waiting?.after !== tries.until) waiting = { after: tries.until, left_s: stored, since: performance.now() }
  const left = Math.max(0, waiting.left_s - (performance.now() - waiting.since) / 1000)
  if (stored - left >= KEPT_EVERY_S || left === 0) await keepLeft(tries.until, left)
  return Math.min(left, stored) // another page may have waited longer
}

function leftOf({ until, wait_s, left_s }: Tries): number {
  if (left_s !== undefined) return left_s
  return until === null ? 0 : Math.min(wait_s, Math.max(0, (Date.parse(until) - now().getTime()) / 1000))
}

/** Never over the waiting time of a later try, and never a longer rest than is stored. */
async function keepLeft(after: string | null, left_s: number): Promise<void> {
  await withUser((db) => db.transaction('rw', db.settings, async () => {
    const tries = await get<Tries>(db, TRIES)
    if (tries?.until === after && leftOf(tries) > left_s) await put(db, TRIES, { ...tries, left_s })
  }))
}

async function countTry(): Promise<Tries> {
  return withUser((db) => db.transaction('rw', db.settings, async () => {
    const wrong = ((await get<Tries>(db, TRIES)) ?? NO_TRIES).wrong + 1
    const wait_s = WAITS_S[Math.min(wrong - FREE_TRIES, WAITS_S.length) - 1] ?? 0
    const tries: Tries = { wrong, until: wait_s > 0 ? new Date(now().getTime() + wait_s * 1000).toISOString() : null, wait_s, left_s: wait_s }
    await put(db, TRIES, tries)
    waiting = { after: tries.until, left_s: wait_s, since: performance.now() }
    return tries
  }))
}

const triesNow = async (): Promise<Tries> => (await recordOf<Tries>(TRIES)) ?? NO_TRIES

// ---- how it stands -----------------------------------------------------------------------------

export async function hasPin(): Promise<boolean> {
  return (await recordOf<PinRecord>(PIN)) !== null
}

/** Seconds in the background after which it is asked for again. */
export async function lockAfter(): Promise<number> {
  return (await recordOf<number>(LOCK_AFTER)) ?? LOCK_AFTER_S_AT_FIRST
}

export async function setLockAfter(seconds: number): Promise<void> {
  await withUser((db) => put(db, LOCK_AFTER, seconds))
  changed('settings')
}

async function recordOf<T>(name: string): Promise<T | null> {
  return withUser((db) => get<T>(db, name))
}

async function get<T>(db: UserDatabase, name: string): Promise<T | null> {
  return ((await db.settings.get(name))?.value as T | undefined) ?? null
}

async function put(db: UserDatabase, name: string, value: unknown): Promise<void> {
  await db.settings.put({ name, value: value as Json })
}
