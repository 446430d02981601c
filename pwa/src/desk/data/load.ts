// A composable for "ask the station and show it": value, words when it failed, and asking again.
// Answers that arrive after a newer question are dropped, so that a slow page never replaces a later one.

import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef, type WatchSource } from 'vue'
import { sayTrouble, type Result } from './client'

export interface Loaded<Value> {
  value: ShallowRef<Value | null>
  trouble: Ref<string>
  loading: Ref<boolean>
  reload: () => Promise<void>
}

/** `ask` runs now and whenever `when` changes; the old value stays on the page until the new one is there. */
export function useLoaded<Value>(ask: () => Promise<Result<Value>>, when?: WatchSource): Loaded<Value> {
  const value = shallowRef<Value | null>(null)
  const trouble = ref('')
  const loading = ref(false)
  let newest = 0

  async function reload(): Promise<void> {
    const own = ++newest
    loading.value = true
    const result = await ask()
    if (own !== newest) return
    loading.value = false
    trouble.value = result.is === 'done' ? '' : sayTrouble(result)
    if (result.is === 'done') value.value = result.value
  }

  if (when) watch(when, () => { value.value = null; void reload() })
  onScopeDispose(() => { newest += 1 })
  void reload()
  return { value, trouble, loading, reload }
}
