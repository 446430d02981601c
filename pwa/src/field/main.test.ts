// @vitest-environment jsdom
// The whole start on a phone with a PIN whose database another page keeps busy: the real entry, the real data floor.

import { beforeEach, expect, test, vi } from 'vitest'
import { enrolledPhone, killBrowser, quickPin } from '../../tests/phone'

// jsdom's localStorage cannot be replaced by the emptied one of a new phone
Object.defineProperty(globalThis, 'localStorage', { writable: true, configurable: true, value: null })
const LATE_MS = 1_600 // just past what readAhead waits for
const WAIT_MS = 20_000
const PIN = '270419'

/** Another page in the middle of a long write; the function given back ends it. */
async function anotherPageWrites(): Promise<() => void> {
  const database = await new Promise<IDBDatabase>((resolve) => { const request = indexedDB.open('gi'); request.onsuccess = () => resolve(request.result) })
  const busy = database.transaction(['identity', 'settings'], 'readwrite')
  let writing = true
  const goOn = (): void => { if (writing) busy.objectStore('settings').get('pin').onsuccess = goOn }
  goOn()
  return () => { writing = false; database.close() }
}

beforeEach(async () => {
  document.body.innerHTML = '<div id="app"><div class="skeleton"><p class="skeleton-sub">正在打开本机的记录</p></div></div>'
  Object.assign(globalThis, { scrollTo: () => undefined, matchMedia: () => ({ matches: false, addEventListener: () => undefined }) })
  await enrolledPhone()
  await quickPin(PIN)
  killBrowser()
})

test('while it is not known whether a PIN comes first, nothing is put together; then it is the cover and not the list', async () => {
  const done = await anotherPageWrites()
  await import('./main')
  const app = document.querySelector('#app') as HTMLElement & { __vue_app__?: unknown }
  await new Promise((resolve) => setTimeout(resolve, LATE_MS))
  await vi.waitFor(() => expect(app.textContent).toContain('请关掉它们'), { timeout: WAIT_MS })
  expect(app.__vue_app__).toBeUndefined()
  done()
  await vi.waitFor(() => expect(document.querySelector('.lock')?.textContent).toContain('输 PIN'), { timeout: WAIT_MS })
  expect(app.__vue_app__).toBeUndefined()
  expect(document.body.textContent).not.toContain('老街川味馆')
})
