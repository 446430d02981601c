// fake-indexeddb with the inner parts the worlds reach into, typed. The version is pinned; tests/worlds/worlds.test.ts fails
// when an update moves one of them. It must not add behaviour.

import * as fake from 'fake-indexeddb'

export interface Records {
  get: (key: unknown) => { value: unknown } | undefined
  values: () => Iterable<{ value: unknown }>
  delete: (range: unknown) => unknown
}

export interface RawDatabase {
  transactions: RawTransaction[]
  rawObjectStores: Map<string, { records: Records }>
  records: Records
  processTransactions: () => void
}

export interface RawTransaction {
  db: FDBDatabase
  mode: string
  _state: string
  _rollbackLog: unknown[]
  _requests: { operation: () => unknown }[]
  _prioritizedListeners: Map<string, () => void>
  _abort: (name: string | null) => void
}

export type FDBDatabase = IDBDatabase & { _rawDatabase: RawDatabase }
export type FDBFactory = IDBFactory & { _databases: Map<string, RawDatabase> }

export const FDBDatabase = fake.IDBDatabase as unknown as { new (): FDBDatabase }
export const FDBFactory = fake.IDBFactory as unknown as { new (): FDBFactory }
export const FDBKeyRange = fake.IDBKeyRange
export const FDBObjectStore = fake.IDBObjectStore
export const FDBRequest = fake.IDBRequest as unknown as { new (): IDBRequest }
export const FDBTransaction = fake.IDBTransaction as unknown as { new (): IDBTransaction; prototype: IDBTransaction }
export const forceCloseDatabase = fake.forceCloseDatabase as unknown as (database: FDBDatabase) => void
