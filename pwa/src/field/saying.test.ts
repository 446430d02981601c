// Dates, sizes and the app's own voice, as a village inspector would hear them.

import { expect, test } from 'vitest'
import { bytesWords, dayWords, daysLeftWords, distanceWords, nearDay, secondsWords, timeWords } from './saying'
import * as words from './words'

const TODAY = '2026-11-21'

test('yesterday evening at the station is 昨天, whatever zone the phone is in', () => {
  expect(timeWords('2026-11-20T09:42:00.000Z', 'Asia/Shanghai', TODAY)).toBe('昨天 17:42')
  expect(timeWords('2026-11-20T16:05:00.000Z', 'Asia/Shanghai', TODAY)).toBe('今天 00:05')
})

test('days are near when they are near and carry their year when it is another', () => {
  expect([nearDay('2026-11-22', TODAY), nearDay('2026-11-01', TODAY), dayWords('2025-01-02', TODAY)]).toEqual(['明天', '11月1日', '2025年1月2日'])
  expect([daysLeftWords('2026-11-24', TODAY), daysLeftWords(TODAY, TODAY), daysLeftWords('2026-11-19', TODAY)]).toEqual(['剩 3 天', '今天到期', '超期 2 天'])
})

test('distances, sizes and waiting times are round', () => {
  expect([distanceWords(324), distanceWords(1234), bytesWords(10_276_045), secondsWords(301)]).toEqual(['320 米', '1.2 公里', '9.8 MB', '约 5 分钟'])
})

function sentences(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(sentences) : []
}

test('the app neither shouts nor speaks jargon', () => {
  const said = sentences({ ...words })
  expect(said.length).toBeGreaterThan(60)
  expect(said.filter((sentence) => /[!！]|[A-Za-z]{2,}|同步|服务器|提交|回执|持久|N\/A/.test(sentence))).toEqual([])
})

test('a clock that is three days off is told without blame', () => {
  expect(words.SAY.clock_off(3 * 1440)).toBe('手机时间快 3 天，不影响记录，站里会按实际时间对。')
})

test('the chief may write about a field, an item or something this app does not know', () => {
  expect(['spot', 'answers.LPG-02', 'LPG-02', 'weather'].map(words.fieldName)).toEqual(['部位', '检查项', '检查项', '这一处'])
})
