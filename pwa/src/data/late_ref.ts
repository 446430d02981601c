// A ref whose readers always get the newest value and are told of it a little later: what is drawn waits, what is read never does.
// A screen drawn for any other reason in between shows the newest value too. It must not know what it holds.

import { customRef, type Ref } from 'vue'

export interface LateRef<T> {
  readonly ref: Readonly<Ref<T>>
  /** held at once, told nobody */
  set: (value: T) => void
  /** tells everybody who read it, if it changed since they were told */
  tell: () => void
}

export function lateRef<T>(first: T): LateRef<T> {
  let value = first
  let told = true
  let trigger: () => void = () => undefined
  const ref = customRef<T>((track, tellReaders) => {
    trigger = tellReaders
    return { get: () => (track(), value), set: () => undefined }
  })
  return {
    ref,
    set: (next) => {
      if (next === value) return
      value = next
      told = false
    },
    tell: () => {
      if (told) return
      told = true
      trigger()
    },
  }
}
