// What was set aside: the list with what can be done, and having it judged anew by today's rules.

import { get, post, type Result } from './client'
import type { NamedPage, Quarantined } from './types'

export interface SetAside extends Quarantined {
  /** what whoever looks after it can do */
  advice: string
  /** whether judging it anew could change anything */
  may_retry: boolean
  readable: { at: string | null; body: Record<string, unknown>; photos: number } | null
}
export interface Trial { sha256: string; passed: boolean; sentence: string }

export const askQuarantined = (page: number): Promise<Result<NamedPage<SetAside>>> => get('/quarantine', { page })
export const tryAnew = (facts: readonly string[]): Promise<Result<{ items: Trial[] }>> => post('/quarantine/trials', { facts })
export const bytesUrl = (sha256: string): string => `/api/v1/quarantine/${sha256}/bytes`
