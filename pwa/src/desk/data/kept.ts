// What a person has typed and not sent yet survives a reload of the page: kept per form in this tab's session.
// A full or forbidden session store is no reason to stop typing; then the words live as long as the page.

import { reactive, watch } from 'vue'

const PREFIX = 'gi.desk.'

function read(key: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(PREFIX + key) ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

export interface Kept<Form> {
  form: Form
  /** after the station has it, or when it was put away on purpose */
  forget: () => void
}

export function useKept<Form extends object>(key: string, empty: Form): Kept<Form> {
  const form = reactive({ ...empty, ...read(key) }) as Form
  let stopped = false
  const stop = watch(form, (now) => {
    if (stopped) return
    try {
      sessionStorage.setItem(PREFIX + key, JSON.stringify(now))
    } catch { /* the words are still on the page */ }
  }, { deep: true, flush: 'sync' })
  function forget(): void {
    stopped = true
    stop()
    try {
      sessionStorage.removeItem(PREFIX + key)
    } catch { /* nothing was kept */ }
  }
  return { form, forget }
}
