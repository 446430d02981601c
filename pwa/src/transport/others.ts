// What other people of this phone have finished goes to the station too, whoever is using it: in a worker of its own, because there a
// second sender has its own memory, databases, key and token. It must not read what it hands over.

import { peopleHere, sendsForOthers } from '../data/people'

/** a large day over a bad line; a worker that never answers must not keep the next one away */
const RUN_MS_MAX = 30 * 60_000

let running: Promise<void> | null = null

/** One after another; `all`: also those with nothing waiting, so that each hears from the station once for each start of the app. */
export function sendForOthers({ all }: { all: boolean }): Promise<void> {
  running ??= runs(all).finally(() => { running = null })
  return running
}

async function runs(all: boolean): Promise<void> {
  if (!sendsForOthers()) return // the screens say that everybody has to open her own
  for (const { here, space, waiting } of await peopleHere()) {
    if (!here && (all || waiting.facts + waiting.photos > 0)) await sendFor(space)
  }
}

function sendFor(space: string): Promise<void> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./other.worker.ts', import.meta.url), { type: 'module' })
    const over = (): void => {
      clearTimeout(late)
      worker.terminate()
      resolve()
    }
    const late = setTimeout(over, RUN_MS_MAX)
    worker.onmessage = over
    worker.onerror = over // its code did not arrive: the screens say how much waits, and the next time asks again
    worker.postMessage(space)
  })
}
