// Connections opened before the app's own code is there, for reading only: the disk works while the scripts are still being read.
// It reaches nothing but plain IndexedDB, so that a file of a few hundred bytes can hold it; it must not know what is stored.

import { openedAsIs } from './reading'

export const USER_DB_NAME = 'gi'
export const CACHE_DB_NAME = 'gi-cache'

declare global {
  /** asked for by the script before the app's own, which is a file apart */
  var opening: Map<string, Promise<IDBDatabase | null>> | undefined
}

/** Asks for both databases; whoever wants one takes it with `takeEarly`. */
export function openAhead(): void {
  globalThis.opening = new Map([USER_DB_NAME, CACHE_DB_NAME].map((name) => [name, openedAsIs(name).catch(() => null)]))
}

/** The connection asked for ahead, or else one asked for now; null when there is none in exactly this version. Once for each name. */
export async function takeEarly(name: string, version: number): Promise<IDBDatabase | null> {
  const asked = globalThis.opening?.get(name) ?? openedAsIs(name).catch(() => null)
  globalThis.opening?.delete(name)
  const database = await asked
  if (database === null || database.version === version) return database
  database.close()
  return null
}
