// Claiming an enrolment: one request, and a sentence for every way it can end. Repeatable with the same key.
// Earlier enrolments are told first (returning.ts). It must not store anything of the new one (data/identity.ts does).

import type { Claimed } from '../contract/wire'
import { me } from '../data/identity'
import type { ClaimAnswer, ClaimRequest } from '../data/ports'
import type { Outcome } from '../data/types'
import { ask, jsonBody } from './client'
import { wordsOf, type Failure } from './results'

export async function claim(request: ClaimRequest): Promise<Outcome<ClaimAnswer>> {
  if (await me()) {
    const { returnedBeforeClaim } = await import('./returning')
    const failure = await returnedBeforeClaim()
    if (failure) return notDone(failure)
  }
  const result = await ask<Claimed>({ method: 'POST', path: '/enrolments/claim', ...jsonBody(request) })
  if (result.kind === 'done') return { ok: true, value: { claimed: result.body, sent_at: result.sent_at, received_at: result.received_at } }
  return notDone(result)
}

function notDone(failure: Failure): Outcome<ClaimAnswer> {
  if (failure.kind === 'refused') return { ok: false, code: failure.problem.code, words: failure.problem.detail, retry: failure.problem.retry }
  return { ok: false, code: failure.kind, words: `${wordsOf(failure)}，登记没有完成，请再点一次`, retry: true }
}
