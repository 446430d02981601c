// Leaving a screen for the one it was opened from: a step back where that is the one before, so that the phone's own
// back key never walks through the same screen twice; else its address takes this one's place.

import type { Router, RouteLocationRaw } from 'vue-router'

export async function leaveTo(router: Router, target: RouteLocationRaw): Promise<void> {
  const back = (history.state as { back?: string | null } | null)?.back
  const [before, meant] = [back ? router.resolve(back) : null, router.resolve(target)]
  // of the lists a site is opened from, the one she came by
  if (before && (before.path === meant.path || (before.meta['list'] && meant.meta['list']))) router.back()
  else await router.replace(target)
}
