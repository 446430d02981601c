// Who this phone is to the station: enrolment, pinned server key, own key, clock offset. Recording needs no session;
// only handing over does. How it came to be that, and how the station changes it, is in enrol.ts, which the first screen does not need.

import { readUser, withUser } from '../db/access'
import { spaceHere } from '../db/space'
import type { IdentityRecord, SettingRecord, UserDatabase } from '../db/user'
import type { OwnKey } from '../lib/signature'
import { dayIn, now } from '../lib/time'
import { ahead, loaded, type Loaded } from './loaded'
import { Refusal } from './outcome'
import { changed } from './signal'
import type { Identity } from './types'

export type { IdentityRecord }

export const STATION_TIMEZONE = 'Asia/Shanghai'

export async function me(): Promise<IdentityRecord | null> {
  return readUser(['identity'], async (from) => (await from.get<IdentityRecord>('identity', 'me')) ?? null)
}

/** Inside a transaction, or before one that checks the counter again. */
export async function ownIdentity(db: UserDatabase): Promise<IdentityRecord> {
  const identity = await db.identity.get('me')
  if (!identity) throw new Refusal('not_enrolled', '这部手机还没登记，请先登记')
  return identity
}

export async function nextNumber(db: UserDatabase): Promise<number> {
  return (await db.counters.get('counter'))?.next_n ?? 1
}

export async function ownKey(): Promise<OwnKey | null> {
  return withUser(async (db) => (await db.keys.get('own_key')) ?? null)
}

/** Today as the station counts it, corrected by what is known of this phone's clock; for lists only, never for facts. */
export function stationDay(identity: IdentityRecord | null, at: Date = now()): string {
  return dayIn(identity?.timezone ?? STATION_TIMEZONE, new Date(at.getTime() - (identity?.offset_ms ?? 0)))
}

/** What of it the screens may see. */
export function view(record: IdentityRecord): Identity {
  const { enrolment, account, account_name, roles, areas, station, station_name, timezone } = record
  const { offset_ms, revoked, enrolled_at, last_contact_at } = record
  return { enrolment, account, account_name, roles, areas, station, station_name, timezone, offset_ms, revoked, enrolled_at, last_contact_at }
}

async function readIdentity(): Promise<Identity | null> {
  const record = await me()
  return record && view(record)
}

/** Before anything of a person is shown: whether her PIN has to be entered first (null: not known yet), and whose the phone was left with. */
let first: { locked: boolean | null; space: string } = { locked: null, space: '' }
export const firstKnown = (): typeof first => first

export async function pinWanted(): Promise<boolean> {
  await readFirst()
  return first.locked === true
}

/** In one way to the disk; a cold start has none to spare. */
async function readFirst(): Promise<Identity | null> {
  const here = spaceHere()
  const [record, pin, stored] = await readUser(['identity', 'settings'], (from) => {
    const setting = (name: string): Promise<SettingRecord | undefined> => from.get('settings', name)
    return Promise.all([from.get<IdentityRecord>('identity', 'me'), setting('pin'), setting('phone')])
  })
  const phone = stored?.value as { active?: string; spaces?: string[] } | undefined
  // where there are several everybody has one, or chooses it first
  const several = record !== undefined && (here !== '' || Boolean(phone?.spaces?.length))
  first = { locked: pin !== undefined || several, space: here || (phone?.active ?? '') }
  return record ? view(record) : null
}

export const identityAhead = ahead(['identity'], readFirst)

export function useIdentity(): Loaded<Identity> {
  return loaded(['identity'], readIdentity, identityAhead)
}

export async function updateIdentity(change: Partial<Omit<IdentityRecord, 'key'>>): Promise<void> {
  await withUser((db) => db.identity.update('me', change))
  changed('identity')
}
