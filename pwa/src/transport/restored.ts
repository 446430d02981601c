// What happens once after the station was restored: first what was pulled goes back, with the numbers and verdicts it had; then this
// phone's own work waits again. The new epoch is taken over by the caller, at the very end, so that a kill in between repeats it all.

import type { Trailer } from '../contract/wire'
import type { IdentityRecord } from '../data/identity'
import { handBacks, handedBack } from '../data/pulled'
import { handOverAgain } from '../data/restored'
import { ask, digestHeader, packed } from './client'
import type { Failure } from './results'

const NOT_FOUND = 404

/** Own facts that wait again; or why the station could not be told now. */
export async function afterRestore(trailer: Trailer, identity: IdentityRecord): Promise<{ ok: true; reopened: number } | { ok: false; failure: Failure }> {
  const opened = trailer.opened ?? null
  for await (const { lines, pages } of handBacks(trailer.epoch, opened && { from: opened.from, size: opened.size })) {
    const failure = await handBack(lines, identity.token)
    if (failure) return { ok: false, failure }
    await handedBack(pages, trailer.epoch)
  }
  const size = opened?.from === identity.epoch ? opened.size : 0
  return { ok: true, reopened: await handOverAgain({ size, enrolment: identity.enrolment, n_received: trailer.n_received }) }
}

async function handBack(lines: readonly string[], token: string): Promise<Failure | null> {
  const { body, headers } = await packed(`${lines.join('\n')}\n`)
  const result = await ask<{ taken: number }>({
    method: 'POST', path: '/sync/pulled', token, body,
    headers: { 'Content-Type': 'application/x-ndjson', 'Content-Digest': await digestHeader(body), ...headers },
  })
  if (result.kind === 'done') return null
  // a station of an older release, or one that refuses these lines for good: one's own work must not wait for that
  const never = result.kind === 'refused' && (result.problem.status === NOT_FOUND || !result.problem.retry)
  return never ? null : result
}
