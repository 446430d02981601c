// Entry of the field app: puts screens, data and transport together and waits for the first screen before it shows.
// The static page stays until then, so that something calm is on the screen at every moment; the list is read meanwhile.
// The transport arrives after the first screen: nobody waits for handing over to see where to go today.

import './part'
import { createApp } from 'vue'
import { endWhenSetAside, readAhead, readAheadOver } from '@/data'
import App from './App.vue'
import { afterFirstRest, breath, filesKept } from './first_screen'
import { router, warm } from './router'

async function startTransport(): Promise<void> {
  try {
    ;(await import('@/transport')).startTransport()
  } catch {
    // the very first visit lost its network half way; everything can be recorded meanwhile
    window.addEventListener('online', () => void startTransport(), { once: true })
  }
}

// a phone that offers to install the app does so once, early; 放到桌面 asks then (install/prompt.ts)
window.addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault()
  window.installOffer = event
})

async function start(): Promise<void> {
  endWhenSetAside()
  await breath()
  const list = /^#?\/?$/.test(location.hash)
  const listed = readAhead(list) // first of all: the disk works while the screens are put together
  // the disk works anyway, and a tap leads there; over the line the list comes first
  if (list && filesKept()) void warm('site')
  await breath()
  const app = createApp(App).use(router)
  const [known] = await Promise.all([listed, router.isReady()])
  // not known yet: another page blocks the database, and nothing is put on the screen before it is
  const locked = known ?? (await (await import('./late_start')).knownAtLast(list))
  if (locked) {
    void startTransport() // what is finished goes to the station whoever holds the phone
    await unlocked()
    await readAhead(list)
  }
  await breath()
  app.mount('#app')
  readAheadOver()
  void afterFirstRest().then(() => warm('site', 'sites', 'visit', 'hand-over', 'menu', 'hazard'))
  void afterFirstRest().then(() => import('./look')).then(({ keepLook }) => keepLook(), () => undefined) // without its file the look of now stays
  if (locked) return
  await afterFirstRest()
  await startTransport()
}

/** Nothing of a person is put on the screen before her PIN. */
async function unlocked(): Promise<void> {
  document.documentElement.dataset['locked'] = ''
  await (await import('./lock')).unlocked()
}

void start()
