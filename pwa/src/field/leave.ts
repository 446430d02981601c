// Leaving a screen for the one it was opened from: a step back where that is the one before, so that the phone's own
// back key never walks through the same screen twice; else its address takes this one's place.

import type { Router, RouteLocationRaw } from 'vue-router'

export async function leaveTo(router: Router, target: RouteLocationRaw): Promise<void> {
  const before = (history.state as { back?: string | null } | null)?.back
  if (before && router.resolve(before).path === router.resolve(target).path) router.back()
  else await router.replace(target)
}
