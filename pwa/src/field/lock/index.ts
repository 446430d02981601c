// The lock: covers everything until the PIN is entered, at the start and after some time in the background. What lies under it stays as it
// is, so that a photo that comes back from the camera still finds its place. Loaded only where there is a PIN.

import { createApp } from 'vue'
import { changedOver, lockAfter } from '@/data/later'
import LockCover from './LockCover.vue'
import { watchAbsence } from './absence'
import { startAgain } from './start_again'

let covering: Promise<void> | null = null

/** Resolves when the PIN was entered; from then on being away is watched. `people`: somebody else is to be chosen first. */
export async function unlocked(people = false): Promise<void> {
  covering ??= cover(people).finally(() => { covering = null })
  await covering
  await watch()
}

/** After a PIN was set, or the time it holds for was changed. */
export async function watch(): Promise<void> {
  watchAbsence(await lockAfter(), () => void unlocked())
  document.addEventListener('visibilitychange', followOver)
}

/** In another page the phone was handed to somebody else: this one must not go on showing what is not hers. */
async function followOver(): Promise<void> {
  if (document.visibilityState === 'visible' && (await changedOver().catch(() => false))) startAgain()
}

/** There is no PIN any more. */
export function watchNoMore(): void {
  watchAbsence(null, () => undefined)
}

async function cover(people: boolean): Promise<void> {
  const page = document.documentElement
  page.dataset['locked'] = ''
  const root = document.body.appendChild(document.createElement('div'))
  root.className = 'lock'
  const before = document.activeElement
  await new Promise<void>((resolve) => {
    const app = createApp(LockCover, { people, onOpen: () => { app.unmount(); resolve() } })
    app.mount(root)
  })
  root.remove()
  delete page.dataset['locked']
  if (before instanceof HTMLElement) before.focus({ preventScroll: true })
}
