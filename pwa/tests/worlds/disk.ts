// A phone's disk: fake-indexeddb, hooked so that every event counts, a killed page hears nothing more and leaves no open
// transaction behind, and room can run out. What was committed stays, whatever becomes of the page.
// It must not know what is stored.

import { FDBDatabase, FDBFactory, FDBObjectStore, FDBRequest, FDBTransaction, FDBKeyRange, forceCloseDatabase } from './fake_indexeddb.ts'
import type { RawDatabase, RawTransaction } from './fake_indexeddb.ts'

/** What the disk must know of the page that works on it. */
export interface Reader {
  alive: boolean
  /** an event is about to be heard; false: the page is dead, or dies of it */
  deliver: () => boolean
}

const SMALL_RECORD_BYTES = 400

export class Disk {
  readonly factory = new FDBFactory()
  /** bytes that still fit; null: no end in sight */
  room: number | null = null
  /** room runs out only when everything is written: the transaction is aborted at its commit */
  late = false
  private readonly connections = new Map<FDBDatabase, Reader>()

  /** `indexedDB` as one page sees it. */
  seenBy(reader: Reader): { open: (name: string, version?: number) => unknown } {
    const open = (name: string, version?: number): unknown => {
      if (!reader.alive) return new FDBRequest()
      const request = version === undefined ? this.factory.open(name) : this.factory.open(name, version)
      opening.set(request, { disk: this, reader })
      return request
    }
    const forbidden = (): never => {
      throw new Error('the phone deletes no database')
    }
    return { open, deleteDatabase: forbidden, cmp: this.factory.cmp.bind(this.factory), databases: this.factory.databases.bind(this.factory) } as never
  }

  /** The page is gone: what it had not committed never was. */
  abandon(reader: Reader): void {
    for (const [connection, owner] of this.connections) {
      if (owner !== reader) continue
      for (const transaction of [...connection._rawDatabase.transactions]) {
        if (transaction.db === connection && transaction._state !== 'finished') transaction._abort(null)
      }
      connection.close()
      this.connections.delete(connection)
    }
  }

  /** The browser closes the connections under the page; `told`: with the event that says so. */
  disconnect(reader: Reader, told: boolean): void {
    for (const [connection, owner] of this.connections) {
      if (owner !== reader) continue
      for (const transaction of [...connection._rawDatabase.transactions]) {
        if (transaction.db === connection && transaction._state !== 'finished') transaction._abort('AbortError')
      }
      if (told) forceCloseDatabase(connection)
      else connection.close()
    }
  }

  /** Every committed record, past all of the phone's own code. Call it while nothing is under way. */
  records<T>(database: string, store: string): T[] {
    const records = this.factory._databases.get(database)?.rawObjectStores.get(store)?.records
    return records ? [...records.values()].map((record) => record.value as T) : []
  }

  /** The system takes something away that nobody asked it to. */
  evict(database: string, store: string, key: unknown): void {
    this.factory._databases.get(database)?.rawObjectStores.get(store)?.records.delete(FDBKeyRange.only(key))
  }

  connected(connection: FDBDatabase, reader: Reader): void {
    this.connections.set(connection, reader)
  }

  ownerOf(connection: FDBDatabase): Reader | undefined {
    return this.connections.get(connection)
  }

  fits(value: unknown): boolean {
    if (this.room === null || this.late) return true
    const bytes = bytesOf(value)
    if (bytes > this.room) return false
    this.room -= bytes
    return true
  }

  freed(bytes: number): void {
    if (this.room !== null) this.room += bytes
  }
}

function bytesOf(value: unknown): number {
  const buffers = Object.values((value ?? {}) as object).filter((each): each is ArrayBuffer => each instanceof ArrayBuffer)
  return buffers.reduce((sum, each) => sum + each.byteLength, SMALL_RECORD_BYTES)
}

// ---- hooks ---------------------------------------------------------------------------------------

const opening = new WeakMap<object, { disk: Disk; reader: Reader }>()
const disks = new WeakMap<object, { disk: Disk; reader: Reader }>()

type Target = { db?: FDBDatabase; transaction?: { db: FDBDatabase } | null; result?: unknown }

function workOf(target: Target): { disk: Disk; reader: Reader } | undefined {
  const own = opening.get(target)
  if (own) return own
  return disks.get(target) ?? disks.get(target.db ?? target.transaction?.db ?? {})
}

interface FakeEvent {
  type: string
}
type Dispatch = (this: object, event: FakeEvent) => boolean

const eventTarget = Object.getPrototypeOf(FDBTransaction.prototype) as { dispatchEvent: Dispatch }
const dispatch = eventTarget.dispatchEvent

eventTarget.dispatchEvent = function (event) {
  const work = workOf(this as Target)
  if (!work) return dispatch.call(this, event)
  if (opening.has(this)) noteConnection(this as Target, work)
  if (event.type === 'complete' && overflows(this as unknown as RawTransaction, work.disk)) return true
  if (work.reader.deliver()) return dispatch.call(this, event)
  return heardByNobody(this as Target, event)
}

function noteConnection({ result }: Target, { disk, reader }: { disk: Disk; reader: Reader }): void {
  if (!(result instanceof FDBDatabase)) return
  disk.connected(result, reader)
  disks.set(result, { disk, reader })
}

/** Written but not kept: at the commit the browser finds that there is no room. */
function overflows(transaction: RawTransaction, disk: Disk): boolean {
  if (!disk.late || disk.room === null || transaction.mode !== 'readwrite' || transaction._rollbackLog.length === 0) return false
  transaction._abort('QuotaExceededError')
  return true
}

/** The page is dead; the database's own bookkeeping goes on. */
function heardByNobody(target: Target, event: FakeEvent): boolean {
  const transaction = target as unknown as RawTransaction
  if (target instanceof FDBTransaction) {
    transaction._prioritizedListeners.get(event.type)?.()
    if (event.type !== 'error') transaction.db._rawDatabase.processTransactions()
  } else if (opening.has(target)) {
    if (event.type === 'upgradeneeded') (target.transaction as unknown as RawTransaction)._abort('AbortError')
    else if (event.type === 'success') (target.result as FDBDatabase).close()
  }
  return true
}

type Abort = (this: RawTransaction, name: string | null) => void
const transactions = FDBTransaction.prototype as unknown as { _abort: Abort }
const abort = transactions._abort

/** Aborted by whoever heard of an error and then by the error itself: what was taken back once is not taken back again. */
transactions._abort = function (name) {
  abort.call(this, name)
  this._rollbackLog.length = 0
}

type Write = (this: { transaction: RawTransaction; _rawObjectStore: { name: string; records: RawDatabase['records'] } }, ...words: unknown[]) => unknown
const stores = FDBObjectStore.prototype as unknown as { [name: string]: Write }

for (const name of ['put', 'add']) {
  const write = stores[name] as Write
  stores[name] = function (...words) {
    const request = write.apply(this, words)
    const disk = workOf(this)?.disk
    const last = this.transaction._requests[this.transaction._requests.length - 1]
    if (disk && last && !disk.fits(words[0])) {
      last.operation = () => {
        throw new DOMException('no room', 'QuotaExceededError')
      }
    }
    return request
  }
}

const remove = stores.delete as Write
stores.delete = function (...words) {
  const disk = workOf(this)?.disk
  if (disk?.room !== null && disk !== undefined && typeof words[0] === 'string') {
    const record = this._rawObjectStore.records.get(words[0])
    if (record) disk.freed(bytesOf(record.value))
  }
  return remove.apply(this, words)
}
