// What a composable hands to a screen: a value that follows the database, ready, trouble, reload; cleaned up with the component.
// While its screen is kept aside nothing is read; what changed meanwhile is read when the screen comes back.
// It must not know what is loaded.

import { getCurrentInstance, getCurrentScope, onActivated, onDeactivated, onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { troubleOf } from './outcome'
import { onChanged, type Topic } from './signal'

export interface Loaded<T> {
  value: Readonly<ShallowRef<T | null>>
  ready: Readonly<Ref<boolean>>
  /** ready, and after its screen came back: read again, if anything changed meanwhile */
  settled: Readonly<Ref<boolean>>
  /** a sentence, or null */
  trouble: Readonly<Ref<string | null>>
  reload: () => Promise<void>
}

/** A load that is begun before any component asks: those of the first screen get its value at once. */
export interface Ahead<T> {
  /** Resolves when it is there, or cannot be. */
  begin: () => Promise<void>
  /** The value, as long as nothing changed since and the first screen is not up. */
  value: () => { value: T | null } | null
  end: () => void
}

export function ahead<T>(topics: readonly Topic[], load: () => Promise<T | null>): Ahead<T> {
  let found: { value: T | null } | null = null
  let over = false
  let rounds = 0
  const end = (): void => {
    over = true
    found = null
  }
  onChanged(topics, end)
  return {
    begin: async () => {
      over = false
      const round = ++rounds
      const value = await load().catch(() => undefined) // whoever asks tries again, and says what is wrong
      if (value !== undefined && !over && round === rounds) found = { value } // begun again: for somebody else
    },
    value: () => found,
    end,
  }
}

/** `asOf`: what the value depends on beside the database, such as the day. */
export function loaded<T>(topics: readonly Topic[], load: () => Promise<T | null>, first?: Ahead<T>, asOf: () => string = () => ''): Loaded<T> {
  const early = first?.value() ?? null
  const value = shallowRef<T | null>(early && early.value)
  const ready = ref(early !== null)
  const settled = ref(early !== null)
  const trouble = ref<string | null>(null)
  let of = asOf()
  let aside = false
  let missed = false
  let running: Promise<void> | null = null
  let again = false

  async function once(): Promise<void> {
    of = asOf()
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
    settled.value = true
    running = null
  }
  function reload(): Promise<void> {
    if (aside) missed = true
    else if (running) again = true
    else running = rounds()
    return running ?? Promise.resolve()
  }

  const stop = onChanged(topics, () => void reload())
  if (getCurrentScope()) onScopeDispose(stop)
  if (getCurrentInstance()) {
    onDeactivated(() => { aside = true })
    onActivated(() => {
      aside = false
      if (!missed && of === asOf()) return
      missed = settled.value = false
      void reload()
    })
  }
  if (!early) void reload()
  return { value, ready, settled, trouble, reload }
}
