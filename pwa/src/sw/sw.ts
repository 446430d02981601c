// The field app's service worker: keeps the files the app consists of and serves them without a network.
// It touches GET requests for exactly those files and page navigations, and nothing else: no API call,
// no photo and no upload ever passes through it. It must not know what the app does.

import { CACHE_PREFIX, FIELD_ADDRESS } from '../lib/app_address'

declare const self: ServiceWorkerGlobalScope
declare const __APP_FILES__: string[]
declare const __APP_VERSION__: string

const CACHE_NAME = CACHE_PREFIX + __APP_VERSION__
const PAGE = `${FIELD_ADDRESS}index.html`
const KNOWN_FILES = new Set(__APP_FILES__)

async function keepAppFiles(): Promise<void> {
  const cache = await caches.open(CACHE_NAME)
  // no-cache: the browser asks the server again instead of trusting its own older copy
  await cache.addAll(__APP_FILES__.map((url) => new Request(url, { cache: 'no-cache' })))
}

async function dropOlderApps(): Promise<void> {
  const names = await caches.keys()
  const older = names.filter((name) => name.startsWith(CACHE_PREFIX) && name !== CACHE_NAME)
  await Promise.all(older.map((name) => caches.delete(name)))
}

async function kept(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE_NAME)
  return (await cache.match(path)) ?? fetch(request)
}

self.addEventListener('install', (event) => {
  event.waitUntil(keepAppFiles())
})

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOlderApps().then(() => self.clients.claim()))
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method !== 'GET') return // WebKit sends empty bodies when a worker re-issues a POST
  const url = new URL(request.url)
  if (url.origin !== self.location.origin) return
  if (request.mode === 'navigate') {
    if (url.pathname.startsWith(FIELD_ADDRESS)) event.respondWith(kept(PAGE, request))
  } else if (KNOWN_FILES.has(url.pathname)) {
    event.respondWith(kept(url.pathname, request))
  }
})

// A new version waits until the page says that no form is open and nothing is being sent.
self.addEventListener('message', (event) => {
  if (event.data === 'use-new-version') void self.skipWaiting()
  if (event.data === 'which-version') {
    event.ports[0]?.postMessage({ version: __APP_VERSION__, files: __APP_FILES__.length })
  }
})
