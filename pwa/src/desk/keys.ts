// The desk's keys: which key means what where. Pure, so that the sheet of keys and the page never disagree.
// Typing in a field is typing: no key of the desk works there, except Esc which the field's form handles.

export type ReviewAct = 'general' | 'major' | 'close' | 'return' | 'order' | 'accept' | 'next' | 'previous' | 'hazard_down' | 'hazard_up' | 'photos' | 'keys'

export interface KeyOf {
  key: string
  act: ReviewAct
  shown: string
  words: string
}

export const REVIEW_KEYS: readonly KeyOf[] = [
  { key: '1', act: 'general', shown: '1', words: '定为一般，收进台账' },
  { key: '2', act: 'major', shown: '2', words: '定为重大，填五落实' },
  { key: '3', act: 'close', shown: '3', words: '当场已改好，定为一般并销号' },
  { key: 'o', act: 'order', shown: 'O', words: '责令限期整改' },
  { key: 'r', act: 'return', shown: 'R', words: '退回，写一句话' },
  { key: 'a', act: 'accept', shown: 'A', words: '收下整份' },
  { key: 'j', act: 'next', shown: 'J', words: '下一份' },
  { key: 'k', act: 'previous', shown: 'K', words: '上一份' },
  { key: 'n', act: 'hazard_down', shown: 'N', words: '下一条隐患' },
  { key: 'p', act: 'hazard_up', shown: 'P', words: '上一条隐患' },
  { key: ' ', act: 'photos', shown: '空格', words: '放大照片' },
  { key: '?', act: 'keys', shown: '?', words: '看这张表' },
]

interface Pressed {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  repeat: boolean
  target: EventTarget | null
}

/** What a pressed key means on the review page, or null. A held key counts once: a decision is never repeated. */
export function actOf(event: Pressed, keys: readonly KeyOf[] = REVIEW_KEYS): ReviewAct | null {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return null
  const found = keys.find((each) => each.key === event.key.toLowerCase())
  if (!found) return null
  const moves = found.act === 'next' || found.act === 'previous' || found.act === 'hazard_down' || found.act === 'hazard_up'
  if (event.repeat && !moves) return null
  if (found.key === ' ' && isControl(event.target)) return null // a focused button has the first right to the space bar
  return found.act
}

function tagOf(target: EventTarget | null): string {
  return typeof target === 'object' && target !== null && 'tagName' in target ? String(target.tagName) : ''
}

function isTyping(target: EventTarget | null): boolean {
  return ['INPUT', 'TEXTAREA', 'SELECT'].includes(tagOf(target))
}

function isControl(target: EventTarget | null): boolean {
  return ['BUTTON', 'A', 'SUMMARY'].includes(tagOf(target))
}
