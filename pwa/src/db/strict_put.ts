// The one write that a person waits for: a record replaced in a strict transaction, asked for in the very step of the call.
// Plain IndexedDB on the open connection: on a slow phone the wrapper's own work would take as long as the disk.
// It must not know what is stored; whether it may be replaced is the caller's to say.

import type { UserDatabase } from './user'

/** Resolves after the commit. `allowed` sees the record stored before; when it throws, nothing is written and that is the rejection. */
export function strictPut<R extends { id: string }>(db: UserDatabase, store: 'drafts', record: R, allowed: (before: R | undefined) => void): Promise<void> {
  if (!db.isOpen()) return db.open().then(() => put(db.backendDB(), store, record, allowed)) as Promise<void>
  return put(db.backendDB(), store, record, allowed)
}

function put<R>(database: IDBDatabase, name: string, record: R & { id: string }, allowed: (before: R | undefined) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(name, 'readwrite', { durability: 'strict' })
    const store = transaction.objectStore(name)
    let refusal: unknown = null
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject((refusal ?? transaction.error ?? new Error('aborted')) as Error)
    const before = store.get(record.id)
    store.put(record) // both at once, one way to the disk and back; a refusal takes the put back with it
    before.onsuccess = () => {
      try {
        allowed(before.result as R | undefined)
        transaction.commit?.()
      } catch (error) {
        refusal = error
        transaction.abort()
      }
    }
  })
}
