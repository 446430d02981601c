// Comparing the log the station shows with every head and receipt it gave this phone before, and telling the station when they do not
// fit: then somebody changed the past. It must not change what is recorded, nor hold up anything.

import type { ConsistencyProof, Trailer } from '../contract/wire'
import { me } from '../data/identity'
import {
  alarmReported, keepHead, logAlarm, noteUnproven, raiseAlarm, receiptsSince, seenHead, type AlarmKind, type SeenHead, type Vouched,
} from '../data/witness'
import { verifyConsistency } from '../lib/merkle'
import { signedBy } from '../lib/signature'
import { instant, now } from '../lib/time'
import { ask, jsonBody } from './client'

const UNPROVEN_MAX = 5

type Word = 'holds' | 'unknown' | 'refused' | 'broken'
/** What a restored station says of its new epoch: the log began with `size` entries of epoch `from`, of this root. */
export interface Opened {
  epoch: number
  from?: number
  size: number
  root: string
}
export type LogTrailer = Pick<Trailer, 'head' | 'epoch'> & { opened?: Opened | null }

const WORDS: Record<AlarmKind, string> = {
  rewritten: '站里的记录和以前给这部手机的凭据对不上，可能被人改过',
  unsigned: '站里这次给的凭据，签名不是站里的',
  unopened: '站里说数据恢复过，却拿不出恢复的凭据',
  unproven: '站里一直拿不出记录没有改过的证明',
}
/** after a restore without the key; somebody who only pretends to be the station cannot give out its codes */
const NEW_CODE = '。站里要是换过密钥，就向管理员要一个登记码，在这部手机上重新登记'
const WHAT_TO_DO = '。请打电话告诉站里的管理员。检查照常做，这部手机上的都留着，不会清'

/** A sentence for the person while the log is not the one this phone saw; null when all is well. */
export async function watchLog(trailer: LogTrailer): Promise<string | null> {
  const identity = await me()
  if (!identity || !trailer.head) return null
  const shown: SeenHead = { ...trailer.head, epoch: trailer.epoch }
  const signed = ['grid-inspector/head/1', identity.station, shown.epoch, shown.size, shown.root, shown.time].join('\n')
  if (!(await signedBy(identity.server_key, signed, shown.signature))) return alarm('unsigned', null, shown)
  const found = await compared(shown, identity.epoch, trailer.opened ?? null)
  if (found === null) {
    if (await told('settled')) await keepHead(shown) // or it is told at the next look
  } else if (found !== 'unknown') return alarm(found.kind, found.kept, shown)
  const standing = await logAlarm()
  return standing && alarm(standing.kind, standing.kept, standing.shown)
}

/** What stands from an earlier look, for when the station cannot be asked now. */
export async function standingDoubt(): Promise<string | null> {
  const standing = await logAlarm()
  return standing && alarmWords(standing.kind)
}

type Found = null | 'unknown' | { kind: AlarmKind; kept: Vouched | null }

async function compared(shown: SeenHead, running: number, opened: Opened | null): Promise<Found> {
  const kept = await seenHead(shown.epoch, running)
  if (shown.epoch < running) return { kind: 'rewritten', kept: await seenHead(running, running) }
  if (shown.epoch > running && !kept) {
    const before = await seenHead(running, running)
    // heads are compared within one epoch only; of the step between them the record says where it was made
    if (opened?.epoch !== shown.epoch) return { kind: 'unopened', kept: before }
    const same = before?.size === opened.size && (opened.from ?? running) === running
    if (same && before.root !== opened.root) return { kind: 'unopened', kept: before }
    return judged(await beginsWith({ ...opened, time: '', signature: '' }, shown), before, 'unopened')
  }
  const vouched = [...(kept ? [kept] : []), ...(await receiptsSince(shown.epoch, kept?.size ?? 0))]
  for (const each of distinct(vouched)) {
    const found = await judged(await beginsWith(each, shown), each, 'rewritten')
    if (found !== null) return found
  }
  return null
}

function distinct(vouched: readonly Vouched[]): Vouched[] {
  return [...new Map(vouched.map((each) => [`${each.size}:${each.root}`, each])).values()]
}

async function judged(word: Word, kept: Vouched | null, kind: AlarmKind): Promise<Found> {
  if (word === 'broken') return { kind, kept }
  if (word === 'refused' && (await noteUnproven()) >= UNPROVEN_MAX) return { kind: 'unproven', kept }
  return word === 'holds' ? null : 'unknown'
}

async function beginsWith(before: Vouched, head: SeenHead): Promise<Word> {
  if (before.size === head.size) return before.root === head.root ? 'holds' : 'broken'
  if (head.size < before.size) return 'broken'
  const path = `/ledger/consistency?from=${before.size}&to=${head.size}`
  const proof = await ask<ConsistencyProof>({ method: 'GET', path, token: (await me())?.token ?? null })
  if (proof.kind !== 'done') return proof.kind === 'refused' && !proof.problem.retry ? 'refused' : 'unknown'
  // restored between the two questions: a path of another log says nothing of this one. A station that never tells another is unproven.
  if ((proof.body.epoch ?? head.epoch) !== head.epoch) return 'refused'
  return (await verifyConsistency(before.size, before.root, head.size, head.root, proof.body.path)) ? 'holds' : 'broken'
}

async function alarm(kind: AlarmKind, kept: Vouched | null, shown: Vouched): Promise<string> {
  const raised = await raiseAlarm({ kind, at: instant(now()), kept, shown, reported_at: null })
  await report()
  return alarmWords(raised.kind)
}

const alarmWords = (kind: AlarmKind): string => WORDS[kind] + (kind === 'unsigned' ? NEW_CODE : '') + WHAT_TO_DO

/** To the station as well, so that the chief sees it: whoever changed the record may not be the one who reads this. */
async function report(): Promise<void> {
  const standing = await logAlarm()
  if (standing && standing.reported_at === null && (await told(standing.kind))) await alarmReported(instant(now()))
}

/** True also when there is nothing to tell. */
async function told(kind: AlarmKind | 'settled'): Promise<boolean> {
  const [identity, standing] = [await me(), await logAlarm()]
  if (!identity || !standing || (kind === 'settled' && standing.reported_at === null)) return true
  const { at, kept, shown } = standing
  const answer = await ask({ method: 'POST', path: '/sync/doubts', token: identity.token, ...jsonBody({ kind, at, kept, shown }) })
  return answer.kind === 'done'
}
