import { describe, expect, it } from 'vitest'
import { USUAL_WORDS } from '@/rules/notice_words'
import type { SettingRow } from '../data/types'
import * as settings from './setting_facts'

const ROW = { id: 's1', name: 'photo_side_px', value: 1400, heads: ['h1'] } as unknown as SettingRow

describe('the admin sets how notices look', () => {
  it('a setting that stands is changed, one that does not is made where everybody makes it', () => {
    expect(settings.settingFact([ROW], 'photo_side_px', 'other', 1200)).toMatchObject({ subject: 's1', after: ['h1'], body: { name: 'photo_side_px', value: 1200 } })
    expect(settings.settingFact([ROW], 'notice_text', 'derived', null)).toMatchObject({ subject: 'derived', after: [], body: { name: 'notice_text', value: null } })
  })
  it('what is left empty is left to the usual', () => {
    expect(settings.numberValue({ area: ' 北山县 ', agency: '', notice: ' ', padding: '3' })).toEqual({ area: '北山县', padding: 3 })
    expect(settings.numberValue({ area: '', agency: '', notice: '', padding: '' })).toBeNull()
    expect(settings.wordsValue({ title: USUAL_WORDS.title, opening: '', closing: '以上。' })).toEqual({ closing: '以上。' })
    expect(settings.sideValue(' ')).toBeNull()
    expect(settings.numberForm(settings.numberValue({ area: '北山县', agency: '应急', notice: '改', padding: '3' }))).toEqual({ area: '北山县', agency: '应急', notice: '改', padding: '3' })
  })
  it.each([
    [{ area: '一二三四五六七八九十甲' }, '地名最多 10 个字。'],
    [{ agency: '安监应急管理' + '局' }, '机关代字最多 6 个字。'],
    [{ notice: '整改〔' }, '括号和“号”字由程序写，这里不用写。'],
    [{ padding: '7' }, '最少几位写 1 到 6 的数字。'],
    [{ padding: '三' }, '最少几位写 1 到 6 的数字。'],
    [{}, ''],
  ])('a number that could not be given is refused in words: %o', (part, words) => {
    expect(settings.wrongNumber({ area: '', agency: '', notice: '', padding: '', ...part })).toBe(words)
  })
  it.each([
    [{ opening: '{date}查出 {count} 处' }, '开头里的“{date}”不认识：只有 {day}（日期）和 {count}（条数）会填上。'],
    [{ opening: '{day}查出隐患' }, '开头里要有 {count}，不然纸上看不出一共几条隐患。'],
    [{ closing: '长'.repeat(501) }, '结尾最多 500 个字。'],
    [{ title: '{day}通知' }, '标题里不能用花括号。'],
    [{ opening: '{day}，查出 {count} 处。' }, ''],
  ])('words that would be printed wrongly are refused: %o', (part, words) => {
    expect(settings.wrongWords({ title: '', opening: '', closing: '', ...part })).toBe(words)
  })
  it('a side no phone would take is refused', () => {
    expect(['799', '2561', '1600.5', '大'].map(settings.wrongSide)).toEqual(Array(4).fill('写 800 到 2560 的整数。'))
    expect(['', '800', '2560'].map(settings.wrongSide)).toEqual(['', '', ''])
  })
})
