// 大字 mode: one attribute on the page, remembered on this phone and set before the first paint of the app.
// A look, not work: it lives in localStorage and nobody is harmed when it is forgotten.

import { ref } from 'vue'

const KEY = 'gi.size'
export type Size = 'normal' | 'large'

function remembered(): Size {
  try {
    return localStorage.getItem(KEY) === 'large' ? 'large' : 'normal'
  } catch {
    return 'normal' // some private windows forbid even reading
  }
}

export const size = ref<Size>('normal')

export function useSize(chosen: Size): void {
  size.value = chosen
  document.documentElement.dataset['size'] = chosen
  try {
    localStorage.setItem(KEY, chosen)
  } catch {
    return // the choice holds until the app is closed
  }
}

export function restoreSize(): void {
  size.value = remembered()
  document.documentElement.dataset['size'] = size.value
}
