// Every person's databases on this phone, one after another and apart from the page's own. Which there are stands in the first one's
// settings, together with whose the phone was left with; a list that is gone is found again from the databases themselves.
// It must not know what is stored in them.

import type { Dexie } from 'dexie'
import type { Json } from '../contract/wire'
import { CacheDatabase } from './cache'
import { CACHE_DB_NAME, USER_DB_NAME } from './early'
import { clearEmergencies } from './emergency'
import { PictureDatabase } from './pictures'
import { PulledDatabase } from './pulled'
import { PICTURES_DB_NAME, PULLED_DB_NAME } from './space'
import { UserDatabase } from './user'

/** the setting, in the first space */
export const PHONE = 'phone'

export interface PhoneSetting {
  /** whose it was left with */
  active: string
  /** all but the first one's */
  spaces: string[]
}

const FIRST = ''
const NAME_BYTES = 4
const OTHERS = new RegExp(`^${USER_DB_NAME}(~[0-9a-f]{${2 * NAME_BYTES}})$`)

/** Opened for this and closed again; the page's own connections stay as they are. */
export async function inSpace<T>(space: string, work: (db: UserDatabase) => Promise<T>): Promise<T> {
  const database = new UserDatabase(USER_DB_NAME + space)
  return closing(database, () => work(database))
}

async function closing<T>(database: Dexie, work: () => Promise<T>): Promise<T> {
  try {
    await database.open()
    return await work()
  } finally {
    database.close()
  }
}

export async function allSpaces(): Promise<string[]> {
  const [{ spaces }, found] = await Promise.all([phoneSetting(), foundSpaces()])
  return [...new Set([FIRST, ...spaces, ...found])]
}

/** Older browsers do not tell; then the list is all there is. */
async function foundSpaces(): Promise<string[]> {
  const databases = (await indexedDB.databases?.().catch(() => [])) ?? []
  return databases.flatMap(({ name }) => OTHERS.exec(name ?? '')?.[1] ?? [])
}

export async function phoneSetting(): Promise<PhoneSetting> {
  const stored = await inSpace(FIRST, async (db) => (await db.settings.get(PHONE))?.value)
  return { active: FIRST, spaces: [], ...(stored as Partial<PhoneSetting> | undefined) }
}

/** A new space is in the list before anything is written into it. */
export async function newSpace(): Promise<string> {
  const bytes = crypto.getRandomValues(new Uint8Array(NAME_BYTES))
  const space = `~${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
  await changePhone((before) => ({ ...before, spaces: [...before.spaces, space] }))
  return space
}

/** From the next start on. */
export async function leaveWith(space: string): Promise<void> {
  await changePhone((before) => ({ ...before, active: space }))
}

async function changePhone(change: (before: PhoneSetting) => PhoneSetting): Promise<void> {
  await inSpace(FIRST, (db) => db.transaction('rw', db.settings, async () => {
    const before = { active: FIRST, spaces: [], ...((await db.settings.get(PHONE))?.value as Partial<PhoneSetting> | undefined) }
    await db.settings.put({ name: PHONE, value: change(before) as unknown as Json })
  }))
}

/** What the station sent, and words caught when storing failed; a person's own records are emptied by whoever looked at them. */
export async function clearSpace(space: string): Promise<void> {
  for (const database of [new CacheDatabase(CACHE_DB_NAME + space), new PulledDatabase(PULLED_DB_NAME + space), new PictureDatabase(PICTURES_DB_NAME + space)]) {
    await closing(database, () => Promise.all(database.tables.map((table) => table.clear())))
  }
  clearEmergencies(space)
}
