// Claiming an enrolment: one request, and a sentence for every way it can end. Repeatable with the same key.
// It must not store anything (data/identity.ts does).

import type { Claimed } from '../contract/wire'
import type { ClaimAnswer, ClaimRequest } from '../data/ports'
import type { Outcome } from '../data/types'
import { ask, jsonBody } from './client'
import { wordsOf } from './results'

export async function claim(request: ClaimRequest): Promise<Outcome<ClaimAnswer>> {
  const result = await ask<Claimed>({ method: 'POST', path: '/enrolments/claim', ...jsonBody(request) })
  if (result.kind === 'done') return { ok: true, value: { claimed: result.body, sent_at: result.sent_at, received_at: result.received_at } }
  if (result.kind === 'refused') return { ok: false, code: result.problem.code, words: result.problem.detail, retry: result.problem.retry }
  return { ok: false, code: result.kind, words: `${wordsOf(result)}，登记没有完成，请再点一次`, retry: true }
}
