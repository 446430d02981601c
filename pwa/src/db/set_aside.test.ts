// @vitest-environment jsdom
// A page put aside (WebKit's back/forward cache) leaves no transaction running: another page of this address would wait for it for ever.

import 'fake-indexeddb/auto'
import { beforeAll, expect, it } from 'vitest'
import { endWhenSetAside } from './set_aside'

const asked = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result)
  request.onerror = () => reject(request.error as Error)
})

async function opened(): Promise<IDBDatabase> {
  const opening = indexedDB.open('put-aside', 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore('words')
  return asked(opening)
}

function leave(persisted: boolean): void {
  dispatchEvent(Object.assign(new Event('pagehide'), { persisted }))
}

/** Writes, and then reads on and on: it never ends by itself. */
function writeWithoutEnd(database: IDBDatabase): { over: Promise<string>; written: Promise<unknown>; stop: () => void } {
  const transaction = database.transaction('words', 'readwrite')
  const store = transaction.objectStore('words')
  let going = true
  const again = (): void => { if (going) store.count().onsuccess = again }
  const written = asked(store.put('half', 'half'))
  again()
  const over = new Promise<string>((resolve) => {
    transaction.oncomplete = () => resolve('complete')
    transaction.onabort = () => resolve('rolled back')
  })
  return { over, written, stop: () => { going = false } }
}

beforeAll(endWhenSetAside)

it('王芳 changes the language while a list is read: the other page does not wait for this one, and nothing is half written', async () => {
  const [left, next] = [await opened(), await opened()]
  const under = writeWithoutEnd(left)
  await under.written
  leave(true)
  expect(await under.over).toBe('rolled back')
  const store = next.transaction('words', 'readwrite').objectStore('words')
  await asked(store.put('whole', 'whole'))
  expect(await asked(store.getAllKeys())).toEqual(['whole'])
})

it('a page that is closed for good ends by itself: what was asked for last may still come through', async () => {
  const under = writeWithoutEnd(await opened())
  await under.written
  leave(false)
  under.stop()
  expect(await under.over).toBe('complete')
})
