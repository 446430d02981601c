// The numbers beside the menu, shared by every screen: asked on each move, after each decision, and now and then.

import { onScopeDispose, shallowRef } from 'vue'
import { session } from './client'
import { askOverview } from './nouns'
import type { Overview } from './types'

const AGAIN_MS = 60_000

export const overview = shallowRef<Overview | null>(null)

export async function refreshOverview(): Promise<void> {
  if (!session.value) return
  const result = await askOverview()
  if (result.is === 'done') overview.value = result.value
}

export function useOverview(): void {
  void refreshOverview()
  const timer = setInterval(() => { if (document.visibilityState === 'visible') void refreshOverview() }, AGAIN_MS)
  onScopeDispose(() => { clearInterval(timer) })
}
