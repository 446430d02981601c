// Reading many things in one read-only transaction of plain IndexedDB: what a list asks for comes in one way to the disk and back,
// however long the list. Every request goes out at once; nothing else may be waited for in between, or the transaction ends.
// It must not know what is stored.

export interface Reading {
  get: <T>(store: string, key: IDBValidKey) => Promise<T | undefined>
  /** in the order of the keys; undefined where there is none */
  many: <T>(store: string, keys: readonly IDBValidKey[]) => Promise<(T | undefined)[]>
  /** all, or those of a key or range, by the primary key or by an index */
  all: <T>(store: string, query?: IDBValidKey | IDBKeyRange, index?: string) => Promise<T[]>
}

export function reading(database: IDBDatabase, stores: readonly string[]): Reading {
  const transaction = database.transaction(stores as string[], 'readonly')
  const get = <T>(store: string, key: IDBValidKey): Promise<T | undefined> => answer(transaction.objectStore(store).get(key) as IDBRequest<T | undefined>)
  return {
    get,
    many: <T>(store: string, keys: readonly IDBValidKey[]) => Promise.all(keys.map((key) => get<T>(store, key))),
    all: <T>(store: string, query?: IDBValidKey | IDBKeyRange, index?: string) => {
      const table = transaction.objectStore(store)
      return answer((index === undefined ? table : table.index(index)).getAll(query) as IDBRequest<T[]>)
    },
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error as Error)
  })
}

/** The database as it is, in whatever version, or null when there is none; making or changing it is not this one's business. */
export function openedAsIs(name: string): Promise<IDBDatabase | null> {
  return new Promise((resolve) => {
    const request = indexedDB.open(name)
    request.onupgradeneeded = () => request.transaction?.abort() // there was none: leave nothing behind
    request.onerror = (event) => {
      event.preventDefault()
      resolve(null)
    }
    request.onsuccess = () => {
      const database = request.result
      database.onversionchange = () => database.close() // holding on would block a newer page
      resolve(database)
    }
  })
}
