// What can go wrong with the phone's storage, told apart, each with a sentence for the person.
// It must not know what was being stored.

export type StorageCode = 'full' | 'dead' | 'blocked' | 'broken'

const WORDS: Record<StorageCode, string> = {
  full: '手机存满了，这一步没存进去。文字还在，请先上交或删掉手机里别的东西，再点一次',
  dead: '手机的存储断开了，这一步没存进去。文字还在，请关掉本页再打开',
  blocked: '别的页面占着存储，请关掉其他打开的网格安检页面',
  broken: '手机没存进去，文字还在，请再点一次',
}

export class StorageTrouble extends Error {
  readonly code: StorageCode
  readonly words: string

  constructor(code: StorageCode, cause: unknown) {
    super(code, { cause })
    this.name = 'StorageTrouble'
    this.code = code
    this.words = WORDS[code]
  }
}

interface NamedError {
  name?: string
  message?: string
  inner?: unknown
  cause?: unknown
}

// AbortError: nobody here lets one through unnamed, so the browser closed the storage in the middle; nothing of it was stored
const DEAD_NAMES = new Set(['AbortError', 'InvalidStateError', 'DatabaseClosedError', 'UnknownError', 'OpenFailedError', 'TransactionInactiveError'])
const DEAD_MESSAGES = /connection to indexed database server lost|backing store|connection is closing|database connection|attempt to get a record/i
const DEPTH_MAX = 5

/** Every error an IndexedDB error hides: Dexie wraps quota errors in an AbortError's `inner`. */
function chain(error: unknown): NamedError[] {
  const found: NamedError[] = []
  let current = error
  while (typeof current === 'object' && current !== null && found.length < DEPTH_MAX) {
    const named = current as NamedError
    found.push(named)
    current = named.inner ?? named.cause
  }
  return found
}

export function classify(error: unknown): StorageCode {
  const errors = chain(error)
  if (errors.some(({ name, message }) => name === 'QuotaExceededError' || /quota/i.test(message ?? ''))) return 'full'
  if (errors.some(({ name, message }) => DEAD_NAMES.has(name ?? '') || DEAD_MESSAGES.test(message ?? ''))) return 'dead'
  return errors.some(({ name }) => name === 'BlockedError') ? 'blocked' : 'broken'
}
