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
  plug({ claim, wake: (reason) => void sender.wake(reason), picture: fetchPicture })
  followChanges()
  window.addEventListener('online', () => void sender.wake('online'))
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return
    // what the background broke is found before the next tap finds it
    void probe().catch(() => undefined)
    void sender.wake('visible')
  })
  // navigator.onLine is only a hint: the handing over itself is the test
  void sender.wake('launch')
  void registerWorker()
  setTimeout(() => void tidy().catch(() => undefined), LOOK_EVERY_MS / 10)
  return sender
}
