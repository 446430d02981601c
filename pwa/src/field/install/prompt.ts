// The browser's own question whether to install: caught when it comes (main.ts keeps the first one), asked when the person taps.
// Only Chrome and its relatives have it, and not on every phone: nothing may depend on it.

import { shallowRef } from 'vue'

export interface InstallOffer extends Event {
  prompt: () => Promise<unknown>
}
declare global {
  interface Window {
    installOffer?: Event | undefined
  }
}

export const offer = shallowRef<InstallOffer | null>(null)

export function lookForOffer(): void {
  offer.value = (window.installOffer as InstallOffer | undefined) ?? null
  window.addEventListener('beforeinstallprompt', (event) => { offer.value = event as InstallOffer }, { once: true })
}

/** A question is good for one answer. */
export async function install(): Promise<void> {
  const asked = offer.value
  offer.value = null
  window.installOffer = undefined
  await asked?.prompt()
}
