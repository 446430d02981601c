// The station does not know this phone any more: after a restore it may be that the phone was enrolled later than the backup. The
// station's own signed word from the day of enrolment makes it known again. It must not ask a person for anything.

import type { Claimed } from '../contract/wire'
import { me, ownKey, storeReturn } from '../data/identity'
import { sign } from '../lib/signature'
import { ask, jsonBody } from './client'

/** True when the station knows this phone again. */
export async function returned(): Promise<boolean> {
  const [identity, key] = [await me(), await ownKey()]
  if (!identity?.statement || !key) return false
  const { text, signature } = identity.statement
  const proof = await sign(key.private_key, `grid-inspector/return/1\n${text}`)
  const result = await ask<Claimed>({ method: 'POST', path: '/enrolments/return', ...jsonBody({ statement: text, signature, proof }) })
  if (result.kind !== 'done' || result.body?.enrolment !== identity.enrolment || typeof result.body.token !== 'string') return false
  await storeReturn(result.body)
  return true
}
