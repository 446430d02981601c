// The words printed on a notice: the usual ones, or a county's own from the station's setting of this name.
// The phone prints with them and the desk shows them before they are set; it must not know the clock or the database.

import type { Json, JsonObject } from '../contract/wire'

export const NOTICE_TEXT = 'notice_text'
// stays Chinese: recorded as what the paper said
export const USUAL_WORDS = {
  title: '安全隐患整改通知书',
  opening: '{day}，我站检查人员到你单位（场所）检查，发现下面 {count} 处安全隐患。请按整改意见尽快改好；改好之前，请停用有危险的设备和地方。改好后请告诉我站，我站会来复查。',
  closing: '本通知是告知和建议，不是行政处罚。有不清楚的地方，请向我站询问。',
}
export const [TITLE_CHARS_MAX, WORDS_CHARS_MAX] = [40, 500]
export type NoticeWords = typeof USUAL_WORDS

/** `own`: the setting's value, whatever it is. In `opening` and `closing` {day} and {count} are filled in. */
// stays Chinese: recorded as what the paper said
export function noticeWords(own: Json, day: string, count: number): NoticeWords {
  const [year, month, date] = day.split('-').map(Number)
  const filled = (words: string): string => words.replace(/\{day\}/g, `${year}年${month}月${date}日`).replace(/\{count\}/g, String(count)).slice(0, WORDS_CHARS_MAX)
  const said = (name: keyof NoticeWords): string => {
    const value = typeof own === 'object' && own !== null && !Array.isArray(own) ? (own as JsonObject)[name] : null
    return typeof value === 'string' && value.trim() !== '' ? value : USUAL_WORDS[name]
  }
  return { title: said('title').slice(0, TITLE_CHARS_MAX), opening: filled(said('opening')), closing: filled(said('closing')) }
}
