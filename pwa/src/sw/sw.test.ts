import { beforeEach, expect, test, vi } from 'vitest'

interface FakeEvent {
  request: { method: string; url: string; mode: string }
  respondWith: (answer: Promise<Response>) => void
}
type Handler = (event: FakeEvent & { data?: unknown; waitUntil?: (work: Promise<unknown>) => void }) => void

const ORIGIN = 'https://anjian.example'
const handlers = new Map<string, Handler>()
const skipWaiting = vi.fn()
const kept = new Map<string, Response>()
const removed: string[] = []

beforeEach(async () => {
  vi.resetModules()
  handlers.clear()
  removed.length = 0
  skipWaiting.mockClear()
  const cache = { match: (path: string) => Promise.resolve(kept.get(path)), addAll: () => Promise.resolve() }
  Object.assign(globalThis, {
    self: { addEventListener: (name: string, handler: Handler) => handlers.set(name, handler), location: { origin: ORIGIN }, skipWaiting, clients: { claim: () => Promise.resolve() } },
    caches: { open: () => Promise.resolve(cache), keys: () => Promise.resolve(['field-app-old', 'somebody-else', 'field-app-v2']), delete: (name: string) => removed.push(name) },
    __APP_FILES__: ['/field/index.html', '/assets/index-1.js'],
    __APP_VERSION__: 'v2',
    fetch: () => Promise.reject(new TypeError('no network')),
  })
  kept.set('/field/index.html', new Response('the page'))
  kept.set('/assets/index-1.js', new Response('the code'))
  const worker: string = './sw.ts' // by name only: the worker's own types do not fit the page's
  await import(worker)
})

async function asked(method: string, path: string, mode = 'cors'): Promise<string | null> {
  let answer: Promise<Response> | null = null
  handlers.get('fetch')?.({ request: { method, url: ORIGIN + path, mode }, respondWith: (given) => (answer = given) })
  return answer === null ? null : (await (answer as Promise<Response>)).text()
}

test.each(['POST', 'PATCH', 'PUT', 'HEAD', 'DELETE'])('a %s never passes through the worker: WebKit would send it with an empty body', async (method) => {
  expect(await asked(method, '/api/v1/sync/batches')).toBeNull()
  expect(await asked(method, '/field/', 'navigate')).toBeNull()
})

test('nothing of the station is answered from the phone, not even a GET', async () => {
  expect(await asked('GET', '/api/v1/sync/changes?after=1.1')).toBeNull()
  expect(await asked('GET', '/desk/', 'navigate')).toBeNull()
})

test('Ana opens the app on a mountain without signal and gets it', async () => {
  expect(await asked('GET', '/field/', 'navigate')).toBe('the page')
  expect(await asked('GET', '/assets/index-1.js')).toBe('the code')
})

test('a new version waits until the page says that no form is open', () => {
  handlers.get('message')?.({ data: 'anything' } as never)
  expect(skipWaiting).not.toHaveBeenCalled()
  handlers.get('message')?.({ data: 'use-new-version' } as never)
  expect(skipWaiting).toHaveBeenCalledOnce()
})

test('taking over drops older copies of the app and nothing of anybody else', async () => {
  let work: Promise<unknown> = Promise.resolve()
  handlers.get('activate')?.({ waitUntil: (given: Promise<unknown>) => (work = given) } as never)
  await work
  expect(removed).toEqual(['field-app-old'])
})
