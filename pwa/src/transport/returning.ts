// The station does not know this phone any more: after a restore it may be that the phone was enrolled later than the backup. The
// station's own signed words from the days of enrolment make it known again. It must not ask a person for anything.

import type { Claimed } from '../contract/wire'
import { storeReturn } from '../data/enrol'
import { me, ownKey } from '../data/identity'
import { keepStatement, statements, type Statement } from '../data/restored'
import { sign } from '../lib/signature'
import { ask, jsonBody } from './client'
import type { Failure, Result } from './results'

/** Whether the station knows this phone again; or why it could not be asked to an end, which is no answer. */
export async function returned(): Promise<boolean | Failure> {
  const { running, failure } = await returnAll()
  return running || (failure ?? false)
}

/**
 * Before a claim by code: what the station must hear first. An enrolment that comes back after a later claim would not count as an
 * earlier one, and its facts would be nobody's. The failure when the station could not be told now; this changes nothing without a restore.
 */
export async function returnedBeforeClaim(): Promise<Failure | null> {
  const { failure } = await returnAll()
  const identity = await me()
  // the claim puts another in its place
  if (!failure && identity?.statement) await keepStatement(identity.statement)
  return failure
}

/**
 * Every enrolment this browser had, oldest first: which came first is where the log has them. A station that is restored once more in
 * between refuses the next one, and another try begins with the oldest.
 */
async function returnAll(): Promise<{ running: boolean; failure: Failure | null }> {
  const [identity, key] = [await me(), await ownKey()]
  let running = false
  let within: number | undefined
  if (!identity || !key) return { running, failure: null }
  for (const statement of await statements(identity.statement ?? null)) {
    const result = await giveBack(statement, key.private_key, within)
    if (result.kind !== 'done') {
      if (result.kind !== 'refused' || result.problem.retry) return { running, failure: result }
      continue // refused for good, as where nothing was restored or this one was revoked: the others are told all the same
    }
    within ??= result.body?.epoch
    if (result.body?.enrolment !== identity.enrolment || typeof result.body.token !== 'string') continue
    await storeReturn(result.body)
    running = true
  }
  return { running, failure: null }
}

async function giveBack({ text, signature }: Statement, key: CryptoKey, within: number | undefined): Promise<Result<Claimed>> {
  const proof = await sign(key, `grid-inspector/return/1\n${text}`)
  return ask<Claimed>({ method: 'POST', path: '/enrolments/return', ...jsonBody({ statement: text, signature, proof, within }) })
}
