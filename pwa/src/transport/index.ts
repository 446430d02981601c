// The transport's one door: the entry of the field app starts it, and everything else happens by itself.
// It must not be imported by screens; they read useSender() from data/.

import { plug } from '../data/ports'
import { probe, tidy } from '../data/storage'
import { registerWorker } from '../data/update'
import { claim } from './claim'
import { fetchPicture, followChanges } from './pictures'
import { LOOK_EVERY_MS, Sender } from './sender'

export function startTransport(): Sender {
  const sender = new Sender()
  plug({ claim, wake: (reason) => void sender.wake(reason), picture: fetchPicture, tile: async (z, x, y) => (await import('./tiles')).fetchTile(z, x, y) })
  followChanges()
  window.addEventListener('online', () => {
    void sender.wake('online')
    helpOthers()
  })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return
    // what the background broke is found before the next tap finds it
    void probe().catch(() => undefined)
    void sender.wake('visible')
    helpOthers()
  })
  // navigator.onLine is only a hint: the handing over itself is the test
  void sender.wake('launch')
  void registerWorker()
  helpOthers(true)
  setInterval(() => helpOthers(), LOOK_EVERY_MS)
  setTimeout(() => void tidy().catch(() => undefined), LOOK_EVERY_MS / 10)
  return sender
}

/** A phone may be shared: what the others finished waits for nobody's PIN. */
function helpOthers(all = false): void {
  void import('./others').then(({ sendForOthers }) => sendForOthers({ all })).catch(() => undefined)
}
