// The item in the address, so that a page killed by the system comes back to the very place.
// Taps only move it when the hand rests: changing the address draws the screen again, and no tap should wait for that.
// Whoever is on the way to another screen is not called back: on a slow phone that screen may still be arriving when the hand rests.

import { onBeforeUnmount } from 'vue'
import { useRoute, useRouter, type RouteLocationNormalized } from 'vue-router'

const REST_MS = 400

export interface ItemAddress {
  later: (item: string) => void
  now: (item: string) => Promise<unknown>
  /** what waits is done at once: something is about to lie over the screen, and a new address would take it away */
  settled: () => Promise<unknown>
}

export function useItemAddress(): ItemAddress {
  const router = useRouter()
  const { path } = useRoute()
  let waiting: ReturnType<typeof setTimeout> | undefined
  let wanted: string | null = null
  let leavingFor: RouteLocationNormalized | null = null
  const arrived = (to: RouteLocationNormalized): void => { if (to === leavingFor) leavingFor = null }
  const stops = [
    router.beforeEach((to) => { leavingFor = to.path === path ? null : to }),
    router.afterEach(arrived), // also when it was given up
    router.onError((_error, to) => arrived(to)),
  ]

  function now(item: string): Promise<unknown> {
    clearTimeout(waiting)
    wanted = null
    // somebody may have gone on meanwhile: another page's address is not ours to change, and a new address would undo a step still under way
    return router.currentRoute.value.path === path && !leavingFor ? router.replace({ query: { item } }) : Promise.resolve()
  }
  function later(item: string): void {
    clearTimeout(waiting)
    wanted = item
    waiting = setTimeout(() => void now(item), REST_MS)
  }
  onBeforeUnmount(() => {
    clearTimeout(waiting)
    stops.forEach((stop) => stop())
  })
  const settled = (): Promise<unknown> => (wanted === null ? Promise.resolve() : now(wanted))
  return { later, now, settled }
}
