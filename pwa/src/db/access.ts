// The one way to the two databases: opens them, heals a dead connection at most three times, and turns every failure
// into a StorageTrouble. A failed save is never resolved. It must not know what is stored.

import type { Dexie } from 'dexie'
import { CacheDatabase } from './cache'
import { StorageTrouble, classify } from './trouble'
import { UserDatabase } from './user'

export const HEALS_MAX = 3

let userDatabase = prepared(new UserDatabase())
let cacheDatabase = prepared(new CacheDatabase())

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
  return database
}

/** Work on what people recorded. Pass a function that may safely run again. */
export function withUser<T>(work: (db: UserDatabase) => PromiseLike<T>): Promise<T> {
  return healing(() => userDatabase, work)
}

/** Work on what the station sent. */
export function withCache<T>(work: (db: CacheDatabase) => PromiseLike<T>): Promise<T> {
  return healing(() => cacheDatabase, work)
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

/** As a killed browser leaves it: drop both connections and start with new ones. */
export function startOver(names?: { user: string; cache: string }): void {
  userDatabase.close()
  cacheDatabase.close()
  userDatabase = prepared(new UserDatabase(names?.user))
  cacheDatabase = prepared(new CacheDatabase(names?.cache))
}

