// A start whose database another page keeps waiting: the static page stays, says what to do, and nothing of a person is put together
// before it is known whether her PIN comes first. Loaded only then; it must not show anything of hers itself.

import { pinWanted, readAhead, usePlatform } from '@/data'

const AGAIN_MS = 1_000

/** Whether a PIN comes first, however long the answer takes. False without an answer only where nothing can be read at all. */
export async function knownAtLast(list: boolean): Promise<boolean> {
  say('别的网格安检页面还占着记录，请关掉它们')
  for (;;) {
    try {
      await pinWanted()
      const locked = await readAhead(list) // of whoever the phone was left with
      if (locked !== null) return locked
    } catch {
      // a browser that stores nothing holds nothing to hide: the app says why it cannot work here
      if ((await usePlatform().check()).some((trouble) => trouble.blocking)) return false
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  }
}

/** On the static page, which no component has taken over yet. */
function say(words: string): void {
  const line = document.querySelector('#app .skeleton-sub')
  if (!line) return
  line.setAttribute('role', 'status')
  line.textContent = words
}
