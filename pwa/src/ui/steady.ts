// What stands on a screen stays where it stands: a thumb is on its way to it. A part that gets its height from a reading or from a
// file says so, and the screen around it shows its content together, once all such parts have theirs.
// It must not know what is read.

import { computed, getCurrentInstance, onActivated, onScopeDispose, ref, shallowReactive, watch, type ComputedRef } from 'vue'

/** rather a screen that moves once than one that stays empty because a disk is stuck */
export const HELD_MS_MAX = 3000

const waiting = shallowReactive(new Set<() => boolean>())

/** For a part: the screen around it shows nothing until `there`. Later it may come and go as it likes. */
export function holdUntil(there: () => boolean): void {
  waiting.add(there)
  onScopeDispose(() => waiting.delete(there))
}

/** For the frame of a screen: whether its content is to be held back; once shown it is not taken away while she is there. */
export function useHeld(): ComputedRef<boolean> {
  const shown = ref(false)
  const held = computed(() => !shown.value && [...waiting].some((there) => !there()))
  let limit: ReturnType<typeof setTimeout> | undefined
  watch(held, (now, before) => {
    clearTimeout(limit)
    if (now) limit = setTimeout(() => { shown.value = true }, HELD_MS_MAX)
    else if (before) shown.value = true
  }, { immediate: true, flush: 'post' }) // what came with the last reading may itself wait for one
  if (getCurrentInstance()) onActivated(() => { shown.value = false }) // a screen that was kept aside arrives anew
  onScopeDispose(() => clearTimeout(limit))
  return held
}
