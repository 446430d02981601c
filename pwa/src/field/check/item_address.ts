// The item in the address, so that a page killed by the system comes back to the very place.
// Taps only move it when the hand rests: changing the address draws the screen again, and no tap should wait for that.

import { onBeforeUnmount } from 'vue'
import { useRoute, useRouter } from 'vue-router'

const REST_MS = 400

export function useItemAddress(): { later: (item: string) => void; now: (item: string) => Promise<unknown> } {
  const router = useRouter()
  const { path } = useRoute()
  let waiting: ReturnType<typeof setTimeout> | undefined

  function now(item: string): Promise<unknown> {
    clearTimeout(waiting)
    // somebody may have gone on meanwhile: another page's address is not ours to change
    return router.currentRoute.value.path === path ? router.replace({ query: { item } }) : Promise.resolve()
  }
  function later(item: string): void {
    clearTimeout(waiting)
    waiting = setTimeout(() => void now(item), REST_MS)
  }
  onBeforeUnmount(() => clearTimeout(waiting))
  return { later, now }
}
