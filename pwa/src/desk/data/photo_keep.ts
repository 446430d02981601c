// Photos picked at the desk stay in this browser until the station has every byte: a reload, a closed tab or a
// network that is gone for an hour loses none. It must not know how they travel.
// A browser that refuses to keep things (a private window) keeps them as long as the page; `put` says so.

export interface KeptPhoto {
  sha256: string
  body: ArrayBuffer
  /** when it was picked, in milliseconds */
  at: number
  /** a fact that names it was handed to the station, so that it waits for the bytes */
  declared: boolean
}

const DATABASE = 'gi-desk'
const STORE = 'photos'
const onPage = new Map<string, KeptPhoto>()

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1)
    asked.onupgradeneeded = () => { asked.result.createObjectStore(STORE, { keyPath: 'sha256' }) }
    asked.onsuccess = () => { resolve(asked.result) }
    asked.onerror = () => { reject(asked.error ?? new Error('not opened')) }
    asked.onblocked = () => { reject(new Error('blocked')) }
  })
}

async function inStore<Value>(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<Value>): Promise<Value> {
  const database = await opened()
  try {
    return await new Promise<Value>((resolve, reject) => {
      // strict where the browser knows it: kept means on the disk
      const turn = database.transaction(STORE, mode, { durability: 'strict' })
      const asked = use(turn.objectStore(STORE))
      turn.oncomplete = () => { resolve(asked.result) }
      turn.onabort = () => { reject(turn.error ?? new Error('aborted')) }
      turn.onerror = () => { reject(turn.error ?? new Error('failed')) }
    })
  } finally {
    database.close()
  }
}

/** False: only this page has it, and it must stay open until the photo has arrived. */
export async function put(photo: KeptPhoto): Promise<boolean> {
  onPage.set(photo.sha256, photo)
  try {
    await inStore('readwrite', (store) => store.put(photo))
    return true
  } catch {
    return false
  }
}

export async function all(): Promise<KeptPhoto[]> {
  const stored = await inStore<KeptPhoto[]>('readonly', (store) => store.getAll() as IDBRequest<KeptPhoto[]>).catch(() => [])
  const known = new Set(stored.map((each) => each.sha256))
  return [...stored, ...[...onPage.values()].filter((each) => !known.has(each.sha256))]
}

export async function find(sha256: string): Promise<KeptPhoto | null> {
  return (await all()).find((each) => each.sha256 === sha256) ?? null
}

export async function drop(sha256: string): Promise<void> {
  onPage.delete(sha256)
  await inStore('readwrite', (store) => store.delete(sha256)).catch(() => undefined)
}
