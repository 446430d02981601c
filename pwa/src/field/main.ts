// Entry of the field app: puts screens, data and transport together and waits for the first screen before it shows.
// The static page stays until then, so that something calm is on the screen at every moment; the list is read meanwhile.
// The transport arrives after the first screen: nobody waits for handing over to see where to go today.

import { createApp } from 'vue'
import { readAhead, readAheadOver } from '@/data'
import App from './App.vue'
import { afterFirstScreen } from './first_screen'
import { router } from './router'
import { restoreSize } from './size'

async function startTransport(): Promise<void> {
  try {
    ;(await import('@/transport')).startTransport()
  } catch {
    // the very first visit lost its network half way; everything can be recorded meanwhile
    window.addEventListener('online', () => void startTransport(), { once: true })
  }
}

async function start(): Promise<void> {
  const listed = readAhead(/^#?\/?$/.test(location.hash)) // first of all: the disk works while the screens are put together
  restoreSize()
  const app = createApp(App).use(router)
  await Promise.all([router.isReady(), listed])
  app.mount('#app')
  readAheadOver()
  await afterFirstScreen()
  await startTransport()
}

void start()
