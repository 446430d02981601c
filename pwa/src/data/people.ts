// Several inspectors on one phone: each has databases of her own, with her own key, numbers, drafts and lists. Which person a page
// belongs to is decided once, at its start; changing over means a new start. It must not read another person's records, only count them.

import { allSpaces, inSpace, leaveWith, newSpace, phoneSetting } from '../db/spaces'
import { spaceHere } from '../db/space'
import type { UserDatabase } from '../db/user'
import { PIN } from './pin'

export interface Person {
  space: string
  name: string
  account: string
  enrolled_at: string
  /** the one this page belongs to */
  here: boolean
  has_pin: boolean
  revoked: boolean
  /** what stands in her outbox: inspections, all records, photos */
  waiting: Waiting
  /** begun and not finished */
  drafts: number
}

export interface Waiting {
  inspections: number
  facts: number
  photos: number
}

/** Everybody who is enrolled on this phone, the first one first. */
export async function peopleHere(): Promise<Person[]> {
  const people: Person[] = []
  for (const space of await allSpaces()) {
    const found = await inSpace(space, (db) => personIn(db, space))
    if (found) people.push(found)
  }
  return people
}

async function personIn(db: UserDatabase, space: string): Promise<Person | null> {
  const [identity, pin, drafts, waiting] = await Promise.all([
    db.identity.get('me'), db.settings.get(PIN), db.drafts.filter(({ discarded_at }) => discarded_at === null).count(), waitingIn(db),
  ])
  if (!identity) return null
  const { account_name: name, account, enrolled_at, revoked } = identity
  return { space, name, account, enrolled_at, revoked, here: space === spaceHere(), has_pin: pin !== undefined, waiting, drafts }
}

/** Whatever has no receipt yet, set aside or not. */
async function waitingIn(db: UserDatabase): Promise<Waiting> {
  const entries = await db.outbox.toArray()
  const facts = await db.facts.bulkGet(entries.filter(({ kind }) => kind === 'fact').map(({ ref }) => ref))
  const inspections = facts.filter((fact) => fact?.kind === 'inspection.submitted').length
  return { inspections, facts: facts.length, photos: entries.length - facts.length }
}

/** At the next start the phone is this person's; her PIN comes first. */
export async function changeTo(space: string): Promise<void> {
  await leaveWith(space)
}

/** Room for somebody new: at the next start the phone is one that is not enrolled. */
export async function changeToNewPerson(): Promise<void> {
  await leaveWith(await emptySpace({ withKey: true }))
}

/** One that was begun and given up is used again. With a key in it: a claim may have been answered and the answer lost; the same key asks again. */
async function emptySpace({ withKey }: { withKey: boolean }): Promise<string> {
  const isFree = async (db: UserDatabase): Promise<boolean> => (await db.identity.count()) === 0 && (withKey || (await db.keys.count()) === 0)
  for (const space of await allSpaces()) if (await inSpace(space, isFree)) return space
  return newSpace()
}

/** Somebody new is enrolled: hers from the next start on. */
export async function putNewPerson(write: (db: UserDatabase) => Promise<void>): Promise<void> {
  const space = await emptySpace({ withKey: false })
  await inSpace(space, write)
  await leaveWith(space)
}

/** Another page was changed over to somebody else. */
export async function changedOver(): Promise<boolean> {
  return (await phoneSetting()).active !== spaceHere()
}

// ---- what waits of the others ------------------------------------------------------------------

/**
 * Whether this browser hands over for people who are not using it: their sender is a worker made of modules (transport/others.ts), and
 * Safari 14 and old browsers of phones have none. Asked of the browser itself: it looks at `type` only where it knows the word.
 */
export function sendsForOthers(): boolean {
  let known = false
  try {
    // no address, so nothing is loaded
    new Worker('https://[', { get type() { known = true; return 'module' as const } }).terminate()
  } catch {
    // as expected: the address is none; or there are no workers at all
  }
  return known
}

/** A sentence without names or contents; null when nothing of anybody else waits. */
export async function othersWaiting(): Promise<string | null> {
  const others = (await peopleHere()).filter(({ here, waiting }) => !here && waiting.facts + waiting.photos > 0)
  if (others.length === 0) return null
  const sum = (of: keyof Waiting): number => others.reduce((total, { waiting }) => total + waiting[of], 0)
  const records = sum('inspections') ? `${sum('inspections')} 份检查` : sum('facts') ? `${sum('facts')} 条记录` : ''
  const what = [records, sum('photos') ? `${sum('photos')} 张照片` : ''].filter(Boolean).join('、')
  return `这部手机里还有另外 ${others.length} 位同事的 ${what}没有上交，${sendsForOthers() ? '有信号会自己交' : '这个浏览器不会替他们交：要本人点“换人”，打开自己的再交'}`
}
