// Looks for a position while a screen of a visit is open, and stops with it. Nothing waits for it.

import { onBeforeUnmount, onMounted } from 'vue'
import type { usePosition } from '@/data'

export function useWatchedPosition(position: Pick<ReturnType<typeof usePosition>, 'start' | 'stop'>): void {
  onMounted(position.start)
  onBeforeUnmount(position.stop)
}
