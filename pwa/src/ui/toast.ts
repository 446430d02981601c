// Short messages at the bottom of the screen, with at most one thing to tap (take back).
// A toast repeats what the screen shows anyway, or will when she comes to it again; nothing may be told by a toast alone.

import { shallowRef } from 'vue'

const TOAST_MS = 4_000
const TOAST_WITH_ACTION_MS = 8_000

export interface Toast {
  text: string
  tone: 'plain' | 'fail'
  action?: { label: string; run: () => void | Promise<void> }
}

export const toast = shallowRef<Toast | null>(null)
let timer: ReturnType<typeof setTimeout> | undefined

export function closeToast(): void {
  clearTimeout(timer)
  toast.value = null
}

export function showToast(text: string, options: Partial<Omit<Toast, 'text'>> = {}): void {
  clearTimeout(timer)
  toast.value = { text, tone: 'plain', ...options }
  timer = setTimeout(closeToast, options.action ? TOAST_WITH_ACTION_MS : TOAST_MS)
}
