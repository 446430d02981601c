// Enrolment, and what the station says later of this phone: its account, its return after a restore, the key for files, the time.
// It must not talk to the network by itself (ports.ts), and the first screen must not import it.

import type { AccountRow, Claimed, RescueKey } from '../contract/wire'
import { withUser } from '../db/access'
import type { IdentityRecord, UserDatabase } from '../db/user'
import { makeOwnKey, sign, signedBy, type OwnKey } from '../lib/signature'
import { instant, now } from '../lib/time'
import { me, ownKey, updateIdentity, view } from './identity'
import { Refusal, attempt } from './outcome'
import { putNewPerson } from './people'
import { ports, type ClaimAnswer } from './ports'
import { changed } from './signal'
import type { Identity, Outcome } from './types'

/** An enrolment, and whether it is somebody else's than this page's: she has a space of her own, which is entered at the next start. */
export type Enrolled = Identity & { elsewhere: boolean }

/**
 * Opening a link claims nothing; this does, after a tap. A lost reply is repeated with the same key. Whatever waits here stays where it
 * is: what came under an earlier enrolment of the same person still counts, and another person's is not touched.
 */
export async function enrol(code: string): Promise<Outcome<Enrolled>> {
  return attempt(async () => {
    const [answer, before] = [await claimed(spelt(code)), await me()]
    const elsewhere = before !== null && before.account !== answer.claimed.account.id
    const identity = elsewhere ? await storeElsewhere(answer) : await storeClaim(answer)
    await navigator.storage?.persist?.().catch(() => false)
    changed('identity')
    ports.wake('new')
    return { ...view(identity), elsewhere }
  })
}

function spelt(code: string): string {
  const spelled = code.trim().toUpperCase().replace(/[\s-]/g, '')
  if (spelled === '') throw new Refusal('code_missing', '请输入登记码')
  return spelled
}

async function claimed(code: string): Promise<ClaimAnswer> {
  const key = await keyForClaim()
  const proof = await sign(key.private_key, `grid-inspector/claim/1\n${code}\n${key.public_key}`)
  const answer = await ports.claim({ code, public_key: key.public_key, label: deviceLabel(), proof })
  if (!answer.ok) throw new Refusal(answer.code, answer.words, answer.retry)
  return answer.value
}

async function keyForClaim(): Promise<OwnKey> {
  const known = await ownKey()
  if (known) return known
  const made = await makeOwnKey()
  // stored before the first try: if the reply is lost, the same key asks again
  await withUser((db) => db.keys.put({ key: 'own_key', ...made }))
  return made
}

async function storeClaim(answer: ClaimAnswer): Promise<IdentityRecord> {
  const record = await identityFrom(answer.claimed, clockOffset(answer.claimed.time, answer.sent_at, answer.received_at))
  const before = await me()
  // Whether the station was restored is found out by the first fetch; until then what it lacks has not been handed over again.
  if (before?.station === record.station) record.epoch = before.epoch
  // what is kept here is as old as it was
  if (before?.days) record.days = before.days
  await withUser((db) => putClaim(db, record))
  return record
}

/** Claimed with this space's key, which goes along: the station knows the enrolment by it. */
async function storeElsewhere(answer: ClaimAnswer): Promise<IdentityRecord> {
  const [record, key] = [await identityFrom(answer.claimed, clockOffset(answer.claimed.time, answer.sent_at, answer.received_at)), await ownKey()]
  await putNewPerson(async (db) => {
    if (key) await db.keys.put({ key: 'own_key', ...key })
    await putClaim(db, record)
  })
  return record
}

async function putClaim(db: UserDatabase, record: IdentityRecord): Promise<void> {
  await db.transaction('rw', db.identity, db.counters, async () => {
    const counter = await db.counters.get('counter')
    if (counter?.enrolment !== record.enrolment) await db.counters.put({ key: 'counter', enrolment: record.enrolment, next_n: 1 })
    await db.identity.put(record)
  })
}

async function identityFrom(claimed: Claimed, offset: number | null): Promise<IdentityRecord> {
  const at = instant(now())
  return {
    key: 'me',
    enrolment: claimed.enrolment,
    token: claimed.token,
    ...accountFields(claimed.account),
    station: claimed.station.id,
    station_name: claimed.station.name,
    timezone: claimed.station.timezone,
    server_key: claimed.server_key,
    epoch: claimed.epoch,
    offset_ms: offset,
    revoked: false,
    signed_out: false,
    number_reused: false,
    enrolled_at: at,
    last_contact_at: at,
    backed_up_to: 0,
    ...(claimed.statement ? { statement: claimed.statement } : {}),
    ...(await toldRescueKey(claimed.rescue_key, { server_key: claimed.server_key, station: claimed.station.id })),
  }
}

/** A restored station knows this phone again: a fresh token, the same enrolment, key and numbers. */
export async function storeReturn({ token, statement }: Claimed): Promise<void> {
  await updateIdentity({ token, signed_out: false, ...(statement ? { statement } : {}) })
}

/** The key for files, if what is told is signed by the pinned one; it has to be here before the network is gone. */
export async function toldRescueKey(told: RescueKey | undefined, { server_key, station }: Pick<IdentityRecord, 'server_key' | 'station'>): Promise<Pick<IdentityRecord, 'rescue_key'>> {
  const good = told && (await signedBy(server_key, `grid-inspector/rescue-key/1\n${station}\n${told.key}`, told.signature))
  return good ? { rescue_key: told } : {}
}

export function accountFields(account: AccountRow): Pick<IdentityRecord, 'account' | 'account_name' | 'roles' | 'areas'> {
  return { account: account.id, account_name: account.name ?? '', roles: account.roles ?? [], areas: account.areas ?? [] }
}

/** Device minus station, from the midpoint of sending and receiving; null if the station's time cannot be read. */
export function clockOffset(stationTime: string, sentAt: number, receivedAt: number): number | null {
  const station = Date.parse(stationTime)
  return Number.isNaN(station) ? null : Math.round((sentAt + receivedAt) / 2 - station)
}

// stays Chinese: the station keeps it as the name of this phone
function deviceLabel(): string {
  const agent = typeof navigator === 'undefined' ? '' : navigator.userAgent
  const model = /Android [^;]*; ([^;)]+)/.exec(agent)?.[1] ?? (/iPhone|iPad/.exec(agent)?.[0] || '浏览器')
  return model.slice(0, 60)
}
