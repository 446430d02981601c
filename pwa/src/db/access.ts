// The one way to the two databases: opens them, heals a dead connection at most three times, and turns every failure
// into a StorageTrouble. A failed save is never resolved. It must not know what is stored.

import type { Dexie } from 'dexie'
import { CacheDatabase } from './cache'
import { takeEarly } from './early'
import { reading, type Reading } from './reading'
import { moveTo } from './space'
import { StorageTrouble, classify } from './trouble'
import { UserDatabase } from './user'

export const HEALS_MAX = 3

let user: UserDatabase | null = null
let cache: CacheDatabase | null = null
// made when they are first asked for: making them takes a slow phone longer than all the rest of being loaded
const userDatabase = (): UserDatabase => (user ??= prepared(new UserDatabase()))
const cacheDatabase = (): CacheDatabase => (cache ??= prepared(new CacheDatabase()))

/** Another tab holds an older version open, or a newer one wants in: somebody has to tell the person. */
export type DatabaseNotice = 'blocked' | 'replaced'
const noticed = new Set<(notice: DatabaseNotice) => void>()

export function onDatabaseNotice(listener: (notice: DatabaseNotice) => void): () => void {
  noticed.add(listener)
  return () => noticed.delete(listener)
}

function prepared<D extends Dexie>(database: D): D {
  const tell = (notice: DatabaseNotice): void => noticed.forEach((listener) => listener(notice))
  database.on('versionchange', () => {
    database.close() // holding on would block the newer page's migration
    tell('replaced')
  })
  database.on('blocked', () => tell('blocked'))
  database.on('ready', () => closeEarly(database))
  return database
}

/** Work on what people recorded. Pass a function that may safely run again. */
export function withUser<T>(work: (db: UserDatabase) => PromiseLike<T>): Promise<T> {
  return healing(userDatabase, work)
}

/** Work on what the station sent. */
export function withCache<T>(work: (db: CacheDatabase) => PromiseLike<T>): Promise<T> {
  return healing(cacheDatabase, work)
}

// ---- reading at the start ----------------------------------------------------------------------

/** The wrapper writes the version times ten. */
const VERSION_FACTOR = 10
const early = new WeakMap<Dexie, Promise<IDBDatabase | null>>()

/** Both databases past the wrapper, for reading only: at a cold start the list is there before the wrapper is awake. */
export function openEarly(): void {
  for (const database of [userDatabase(), cacheDatabase()]) early.set(database, takeEarly(database.name, database.verno * VERSION_FACTOR))
}

function closeEarly(database: Dexie): void {
  void early.get(database)?.then((connection) => connection?.close())
  early.delete(database)
}

/** Everything one list needs of what people recorded, in one transaction; `read` may run again. */
export function readUser<T>(stores: readonly string[], read: (from: Reading) => Promise<T>): Promise<T> {
  return withUser(async (db) => read(reading(await connection(db), stores)))
}

/** The same of what the station sent. */
export function readCache<T>(stores: readonly string[], read: (from: Reading) => Promise<T>): Promise<T> {
  return withCache(async (db) => read(reading(await connection(db), stores)))
}

async function connection(database: Dexie): Promise<IDBDatabase> {
  const first = await early.get(database)
  if (first && early.has(database)) return first
  if (!database.isOpen()) await database.open()
  return database.backendDB()
}

async function healing<D extends Dexie, T>(current: () => D, work: (db: D) => PromiseLike<T>): Promise<T> {
  for (let heals = 0; ; heals++) {
    try {
      return await work(current())
    } catch (error) {
      if (error instanceof StorageTrouble || isOwnRefusal(error)) throw error
      const code = classify(error)
      if (code !== 'dead' || heals >= HEALS_MAX) throw new StorageTrouble(code, error)
      await reopen(current())
    }
  }
}

/** A refusal by our own rules inside a transaction (data/outcome.ts): rolls it back and passes through unclassified. */
function isOwnRefusal(error: unknown): boolean {
  return typeof (error as { words?: unknown } | null)?.words === 'string'
}

async function reopen(database: Dexie): Promise<void> {
  // a dead connection that stays cached fails for ever: drop it first
  closeEarly(database)
  database.close({ disableAutoOpen: false })
  try {
    await database.open()
  } catch {
    // the next try reports it, classified
  }
}

/** After the page was in the background: find a dead connection before the person's next tap does. */
export async function probe(): Promise<void> {
  await withUser((db) => db.settings.count())
}

/** Another person's databases from now on: at a start, when it turns out who the phone was left with. */
export function enterSpace(space: string): void {
  moveTo(space)
  startOver()
}

/** As a killed browser leaves it: drop both connections and start with new ones. */
export function startOver(names?: { user: string; cache: string }): void {
  for (const database of [user, cache]) {
    if (!database) continue
    closeEarly(database)
    database.close()
  }
  user = prepared(new UserDatabase(names?.user))
  cache = prepared(new CacheDatabase(names?.cache))
}

