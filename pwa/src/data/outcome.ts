// Outcomes for screens: nothing below throws at them; what failed comes back with a finished sentence.
// It must not know any particular failure beyond the phone's storage.

import { shallowRef } from 'vue'
import { StorageTrouble } from '../db/trouble'
import type { Outcome, Trouble } from './types'

/** The phone refused to store something for want of room since the app was opened (room.ts looks anew). */
export const metFull = shallowRef(false)

/** A refusal by our own rules, carried through a transaction and turned into a Trouble at the door. */
export class Refusal extends Error {
  readonly code: string
  readonly words: string
  readonly retry: boolean

  constructor(code: string, words: string, retry = false) {
    super(code)
    this.code = code
    this.words = words
    this.retry = retry
  }
}

export function done<T>(value: T): Outcome<T> {
  return { ok: true, value }
}

export function troubleOf(error: unknown): Trouble {
  if (error instanceof Refusal) return { ok: false, code: error.code, words: error.words, retry: error.retry }
  if (error instanceof StorageTrouble && error.code === 'full') metFull.value = true
  if (error instanceof StorageTrouble) return { ok: false, code: `storage_${error.code}`, words: error.words, retry: true }
  return { ok: false, code: 'fault', words: '出了点问题，没有存进去，请再点一次', retry: true }
}

export async function attempt<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return done(await work())
  } catch (error) {
    return troubleOf(error)
  }
}
