// What the sender says, in every state: one sentence with where the work is and when it goes on.
// It must not decide anything; it only speaks.

import type { Remaining } from '../data/handover'
import type { Failure } from './results'
import { wordsOf } from './results'

export function amount({ facts, inspections, photos }: Remaining): string {
  const parts: string[] = []
  if (inspections > 0) parts.push(`${inspections} 份检查`)
  else if (facts > 0) parts.push(`${facts} 条记录`)
  if (photos > 0) parts.push(`${photos} 张照片`)
  return parts.join('、')
}

export function restWords(left: Remaining): string {
  if (left.facts === 0 && left.photos === 0) return '都已上交，站里已收到'
  return `还有${amount(left)}在本机，已存好`
}

export function sendingWords(left: Remaining): string {
  return left.facts > 0 ? `正在上交 ${amount({ ...left, photos: 0, bytes: 0 })}的文字` : `文字站里已收到，正在传照片，还剩 ${left.photos} 张`
}

export function waitingWords(failure: Failure, left: Remaining, seconds: number): string {
  if (left.facts === 0 && left.photos === 0) return `${restWords(left)}。${wordsOf(failure)}`
  return `${amount(left)}在本机，已存好。${wordsOf(failure).replace(/。$/, '')}，${span(seconds)}后再试`
}

function span(seconds: number): string {
  return seconds < 120 ? `${Math.max(1, Math.round(seconds))} 秒` : `${Math.round(seconds / 60)} 分钟`
}

export const WORDS_SIGNED_OUT = '站里不认得这部手机了，可能是服务器恢复过。请站里重新发一个登记码，手机上写的都还在'
export const WORDS_REVOKED = '这部手机已停用，请找站长。没上交的已交给站里保管'
export const WORDS_NUMBER_REUSED = '这部手机的记录号重复了，都已收好，请找站长重新登记一次'
export const WORDS_FETCHING = '正在取站里的新消息'
export const WORDS_OTHER_TAB = '另一个页面正在上交'
