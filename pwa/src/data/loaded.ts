// What a composable hands to a screen: a value that follows the database, ready, trouble, reload; cleaned up with the component.
// It must not know what is loaded.

import { getCurrentScope, onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { troubleOf } from './outcome'
import { onChanged, type Topic } from './signal'

export interface Loaded<T> {
  value: Readonly<ShallowRef<T | null>>
  ready: Readonly<Ref<boolean>>
  /** a sentence, or null */
  trouble: Readonly<Ref<string | null>>
  reload: () => Promise<void>
}

export function loaded<T>(topics: readonly Topic[], load: () => Promise<T | null>): Loaded<T> {
  const value = shallowRef<T | null>(null)
  const ready = ref(false)
  const trouble = ref<string | null>(null)
  let running: Promise<void> | null = null
  let again = false

  async function once(): Promise<void> {
    try {
      value.value = await load()
      trouble.value = null
    } catch (error) {
      trouble.value = troubleOf(error).words
    }
    ready.value = true
  }
  // many changes while one load runs end in exactly one more load
  async function rounds(): Promise<void> {
    do {
      again = false
      await once()
    } while (again)
    running = null
  }
  function reload(): Promise<void> {
    if (running) again = true
    else running = rounds()
    return running ?? Promise.resolve()
  }

  const stop = onChanged(topics, () => void reload())
  if (getCurrentScope()) onScopeDispose(stop)
  void reload()
  return { value, ready, trouble, reload }
}
