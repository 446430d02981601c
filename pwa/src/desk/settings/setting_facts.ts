// From the forms of the station's settings to facts, and what is wrong with what was typed. Pure apart from ids.
// An emptied form takes the setting back: phones and station go by the usual again.

import type { Json, JsonObject } from '@/contract/wire'
import { AGENCY_CHARS_MAX, AREA_CHARS_MAX, PADDING_DIGITS_MAX, WORD_CHARS_MAX } from '@/rules/document_number'
import { TITLE_CHARS_MAX, USUAL_WORDS, WORDS_CHARS_MAX, type NoticeWords } from '@/rules/notice_words'
import { SIDE_PX_MAX, SIDE_PX_MIN } from '@/rules/photo_side'
import { exactFact, type DeskFact } from '../data/decisions'
import type { SettingRow } from '../data/types'

export interface NumberForm {
  area: string
  agency: string
  notice: string
  /** digits at least, as text; '' for as many as it has */
  padding: string
}

/** `subject`: what the setting is set as while nobody has set it. */
export function settingFact(rows: readonly SettingRow[], name: string, subject: string, value: Json): DeskFact {
  const row = rows.find((each) => each.name === name)
  return exactFact('setting.set', row ?? { id: subject, heads: [] }, { name, value })
}

export function settingOf(rows: readonly SettingRow[], name: string): Json {
  return rows.find((each) => each.name === name)?.value ?? null
}

function parts(value: Json): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

export function numberForm(value: Json): NumberForm {
  const { area, agency, notice, padding } = parts(value)
  return { area: text(area), agency: text(agency), notice: text(notice), padding: typeof padding === 'number' ? String(padding) : '' }
}

/** null: nothing of its own, the usual way. */
export function numberValue({ padding, ...words }: NumberForm): JsonObject | null {
  const said: JsonObject = Object.fromEntries(Object.entries(words).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value !== ''))
  if (padding.trim()) said['padding'] = Number(padding)
  return Object.keys(said).length > 0 ? said : null
}

/** What is wrong with it, or ''. */
export function wrongNumber({ area, agency, notice, padding }: NumberForm): string {
  const tooLong = [['地名', area, AREA_CHARS_MAX], ['机关代字', agency, AGENCY_CHARS_MAX], ['文种字', notice, WORD_CHARS_MAX]] as const
  for (const [what, value, chars_max] of tooLong) if ([...value.trim()].length > chars_max) return `${what}最多 ${String(chars_max)} 个字。`
  if (/[〔〕号（）]/u.test(area + agency + notice)) return '括号和“号”字由程序写，这里不用写。'
  if (padding.trim() && !(/^\d$/.test(padding.trim()) && Number(padding) >= 1 && Number(padding) <= PADDING_DIGITS_MAX)) return `最少几位写 1 到 ${String(PADDING_DIGITS_MAX)} 的数字。`
  return ''
}

export function wordsForm(value: Json): NoticeWords {
  const { title, opening, closing } = parts(value)
  return { title: text(title), opening: text(opening), closing: text(closing) }
}

export function wordsValue(form: NoticeWords): JsonObject | null {
  const own = Object.entries(form).map(([name, value]) => [name, value.trim()] as const).filter(([name, value]) => value !== '' && value !== USUAL_WORDS[name as keyof NoticeWords])
  return own.length > 0 ? Object.fromEntries(own) : null
}

/** What is wrong with it, or ''. A sign in braces that is none of ours would be printed as it stands. */
export function wrongWords({ title, opening, closing }: NoticeWords): string {
  if ([...title.trim()].length > TITLE_CHARS_MAX) return `标题最多 ${String(TITLE_CHARS_MAX)} 个字。`
  for (const [what, words] of [['开头', opening], ['结尾', closing]] as const) {
    if (words.trim().length > WORDS_CHARS_MAX) return `${what}最多 ${String(WORDS_CHARS_MAX)} 个字。`
    const unknown = [...words.matchAll(/[{｛][^}｝]*[}｝]?/gu)].map(([sign]) => sign).find((sign) => sign !== '{day}' && sign !== '{count}')
    if (unknown) return `${what}里的“${unknown}”不认识：只有 {day}（日期）和 {count}（条数）会填上。`
  }
  if (/[{｛}｝]/u.test(title)) return '标题里不能用花括号。'
  return opening.trim() && !opening.includes('{count}') ? '开头里要有 {count}，不然纸上看不出一共几条隐患。' : ''
}

/** '' takes the setting back. */
export function sideValue(typed: string): number | null {
  return typed.trim() === '' ? null : Number(typed)
}

export function wrongSide(typed: string): string {
  const side = sideValue(typed)
  return side === null || (Number.isInteger(side) && side >= SIDE_PX_MIN && side <= SIDE_PX_MAX) ? '' : `写 ${String(SIDE_PX_MIN)} 到 ${String(SIDE_PX_MAX)} 的整数。`
}
