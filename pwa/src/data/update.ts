// A newer app is offered, never forced: the page says when no form is open, and only then it is used.
// It must not reload by itself.

import { readonly, ref, type Ref } from 'vue'
import { FIELD_ADDRESS } from '../lib/app_address'

const ASK_EVERY_MS = 3_600_000
const available = ref(false)
let registration: ServiceWorkerRegistration | null = null
let applying = false

/** At start, by the entry. Without a service worker the app still works, only not from a cold start without network. */
export async function registerWorker(): Promise<void> {
  if (typeof navigator === 'undefined' || !navigator.serviceWorker) return
  try {
    registration = await navigator.serviceWorker.register(`${FIELD_ADDRESS}sw.js`, { scope: FIELD_ADDRESS })
  } catch {
    return
  }
  watchFor(registration)
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (applying) location.reload()
  })
  document.addEventListener('visibilitychange', askIfVisible)
  setInterval(askIfVisible, ASK_EVERY_MS)
}

function watchFor(worker: ServiceWorkerRegistration): void {
  const look = (): void => {
    // a first worker also waits for a moment; it is an update only if another one is in charge
    available.value = worker.waiting !== null && navigator.serviceWorker.controller !== null
  }
  look()
  worker.addEventListener('updatefound', () => worker.installing?.addEventListener('statechange', look))
}

function askIfVisible(): void {
  if (document.visibilityState === 'visible') void registration?.update().catch(() => undefined)
}

async function apply(): Promise<void> {
  applying = true
  registration?.waiting?.postMessage('use-new-version')
}

export function useUpdate(): { available: Readonly<Ref<boolean>>; apply: () => Promise<void> } {
  return { available: readonly(available), apply }
}
