// Type size, colours and 长辈模式: kept on this phone, and on the page before its first paint. That is done by early_look.ts
// in the script before the app's own; a page without it looks standard and works.
// It reads a cookie, a quick copy: localStorage is asleep in a browser just started, and waking it held the page up for 5 to 86 ms
// (22 November 2026, CPU slowed 4x; the cookie 0.6 to 25). A look, not work: nobody is harmed when both are forgotten.

import { shallowRef } from 'vue'
import { FIELD_ADDRESS } from '@/lib/app_address'

export const SIZES = ['normal', 'large', 'huge'] as const
export const THEMES = ['auto', 'light', 'dark', 'sun'] as const
export interface Look {
  size: (typeof SIZES)[number]
  theme: (typeof THEMES)[number]
  elder: boolean
}

const KEY = 'gi.look'
const KEY_BEFORE = 'gi.size' // until 22 November 2026 it knew 大字 alone, with large buttons
const COOKIE = 'gi-look'
const COOKIE_S_MAX = 400 * 86_400 // browsers allow no more; it is written anew at every start
const STANDARD: Look = { size: 'normal', theme: 'auto', elder: false }

export const look = shallowRef<Look>(STANDARD)

export function lookText({ size, theme, elder }: Look): string {
  return [size, theme, elder ? 'elder' : ''].join('.')
}

export function readLook(text: string): Look {
  const [size, theme, elder] = text.split('.')
  return { size: SIZES.find((each) => each === size) ?? 'normal', theme: THEMES.find((each) => each === theme) ?? 'auto', elder: elder === 'elder' }
}

function remembered(): Look {
  try {
    const before = localStorage.getItem(KEY_BEFORE) === 'large' ? 'large.auto.elder' : ''
    return readLook(localStorage.getItem(KEY) ?? before)
  } catch {
    return readLook(document.cookie.split('; ').find((each) => each.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? '')
  }
}

function show(): void {
  const text = lookText(look.value)
  window.showLook?.(text)
  const age = text === lookText(STANDARD) ? 0 : COOKIE_S_MAX
  document.cookie = `${COOKIE}=${text}; path=${FIELD_ADDRESS}; max-age=${age}; samesite=strict`
}

/** Once per start, after the first screen: the cookie may have been thrown away meanwhile. */
export function keepLook(): void {
  look.value = remembered()
  show()
}

export function chooseLook(changes: Partial<Look>): void {
  look.value = { ...look.value, ...changes }
  show()
  try {
    localStorage.setItem(KEY, lookText(look.value))
    localStorage.removeItem(KEY_BEFORE)
  } catch {
    return // the cookie keeps it as long as the browser lets it
  }
}
