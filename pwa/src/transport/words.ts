// Why the sender waits, in plain words. What waits, and until when, is said beside it by whoever shows it (field/work_status.ts).
// It must not decide anything; it only speaks.

import type { Failure } from './results'
import { wordsOf } from './results'

/** A clause, not a sentence: the time of the next try follows it. */
export function whyWords(failure: Failure): string {
  return wordsOf(failure).replace(/[。.]$/, '')
}

export const WORDS_SIGNED_OUT = '站里不认得这部手机了，可能是服务器恢复过。请站里重新发一个登记码，手机上写的都还在'
export const WORDS_REVOKED = '这部手机已停用，请找站长。没上交的已交给站里保管'
export const WORDS_NUMBER_REUSED = '这部手机的记录号重复了，都已收好，请找站长重新登记一次'
export const WORDS_OTHER_TAB = '另一个页面正在上交'
