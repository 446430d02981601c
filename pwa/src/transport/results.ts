// The four ways a request can end. Offline is a result, not an exception.
// It must not know any route.

import type { Problem } from '../contract/wire'

export interface Done<T> {
  kind: 'done'
  status: number
  body: T
  headers: Headers
  sent_at: number
  received_at: number
}

/** Nobody answered, or somebody who is not the station (a hotel's log-in page answers 200 too). */
export interface Offline {
  kind: 'offline'
  code: 'no_network' | 'slow' | 'portal'
  words: string
}

/** The station itself said no, in its own problem format. */
export interface Refused {
  kind: 'refused'
  problem: Problem
  headers: Headers
  retry_after_s: number | null
}

/** Something between here and the station broke, or its answer made no sense. */
export interface Fault {
  kind: 'fault'
  status: number
  words: string
  retry_after_s: number | null
}

export type Failure = Offline | Refused | Fault
export type Result<T> = Done<T> | Failure

export const NO_NETWORK: Offline = { kind: 'offline', code: 'no_network', words: '没有信号' }
export const SLOW: Offline = { kind: 'offline', code: 'slow', words: '信号太弱，等了很久没有回音' }
export const PORTAL: Offline = { kind: 'offline', code: 'portal', words: '连上了需要登录的网络，请先登录那个网络，或改用流量' }

export function fault(status: number, retryAfter: number | null = null): Fault {
  return { kind: 'fault', status, words: '站里暂时忙不过来', retry_after_s: retryAfter }
}

export function wordsOf(failure: Failure): string {
  return failure.kind === 'refused' ? failure.problem.detail : failure.words
}
