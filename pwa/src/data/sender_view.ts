// What the sender is doing, in words, for every screen. The transport writes it, the screens read it.
// It must not know how anything is sent.

import { readonly, shallowRef, type ShallowRef } from 'vue'
import { ports } from './ports'
import type { SenderView } from './types'

export const SENDER_AT_REST: SenderView = {
  phase: 'idle',
  why: '',
  facts_left: 0,
  inspections_left: 0,
  photos_left: 0,
  photos_done: 0,
  bytes_left: 0,
  seconds_left: null,
  next_try_at: null,
  cuts: 0,
  problem: null,
}

const sender = shallowRef<SenderView>(SENDER_AT_REST)

export function showSender(view: SenderView): void {
  sender.value = view
}

export function senderNow(): SenderView {
  return sender.value
}

export function useSender(): { sender: Readonly<ShallowRef<SenderView>>; sendNow: () => void } {
  return { sender: readonly(sender) as Readonly<ShallowRef<SenderView>>, sendNow: () => ports.wake('manual') }
}
