// The item in the address, so that a page killed by the system comes back to the very place.
// Taps only move it when the hand rests: changing the address draws the screen again, and no tap should wait for that.
// Whoever is on the way to another screen is not called back: on a slow phone that screen may still be arriving when the hand rests.

import { onBeforeUnmount } from 'vue'
import { useRoute, useRouter, type RouteLocationNormalized } from 'vue-router'

const REST_MS = 400

export function useItemAddress(): { later: (item: string) => void; now: (item: string) => Promise<unknown> } {
  const router = useRouter()
  const { path } = useRoute()
  let waiting: ReturnType<typeof setTimeout> | undefined
  let leavingFor: RouteLocationNormalized | null = null
  const arrived = (to: RouteLocationNormalized): void => { if (to === leavingFor) leavingFor = null }
  const stops = [
    router.beforeEach((to) => { leavingFor = to.path === path ? null : to }),
    router.afterEach(arrived), // also when it was given up
    router.onError((_error, to) => arrived(to)),
  ]

  function now(item: string): Promise<unknown> {
    clearTimeout(waiting)
    // somebody may have gone on meanwhile: another page's address is not ours to change, and a new address would undo a step still under way
    return router.currentRoute.value.path === path && !leavingFor ? router.replace({ query: { item } }) : Promise.resolve()
  }
  function later(item: string): void {
    clearTimeout(waiting)
    waiting = setTimeout(() => void now(item), REST_MS)
  }
  onBeforeUnmount(() => {
    clearTimeout(waiting)
    stops.forEach((stop) => stop())
  })
  return { later, now }
}
