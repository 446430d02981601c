import { expect, test } from 'vitest'
import { readyItems, type ReadyFacts } from './readiness'

const AT = Date.parse('2026-11-22T00:30:00.000Z')
const ALL_WELL: ReadyFacts = {
  shell: { kept: 60, wanted: 60 }, room: 'ok', persisted: true, camera: 'granted', position: 'granted', offset_ms: -900, as_of: '2026-11-21T10:00:00.000Z',
  unsent: { inspections: 0, facts: 0, photos: 0 }, pin: true,
}
const wrong = (change: Partial<ReadyFacts>): [string, string][] =>
  readyItems({ ...ALL_WELL, ...change }, AT).filter(({ ok }) => !ok).map(({ id, words, remedy }) => [id, `${words}：${remedy}`])

test('a phone that has everything may leave', () => {
  expect(wrong({})).toEqual([])
  expect(readyItems(ALL_WELL, AT)).toHaveLength(9)
})

test.each<[string, Partial<ReadyFacts>, string, RegExp]>([
  ['files of the app are missing', { shell: { kept: 57, wanted: 60 } }, 'shell', /还差 3 个文件.*有信号/],
  ['no service worker', { shell: null }, 'shell', /断网还打不开/],
  ['the phone is full', { room: 'full' }, 'room', /快存满了.*删些/],
  ['nothing can be read back', { room: 'fails' }, 'room', /存不住.*无痕/],
  ['storage may be evicted', { persisted: false }, 'persisted', /主屏幕/],
  ['a browser that cannot be asked promises nothing', { persisted: null }, 'persisted', /主屏幕/],
  ['the camera was refused', { camera: 'denied' }, 'camera', /没允许.*相册/],
  ['the camera was never asked for', { camera: 'prompt' }, 'camera', /还没试过.*试一下/],
  ['the position was refused', { position: 'denied' }, 'position', /照样能查/],
  ['the clock was never compared', { offset_ms: null }, 'clock', /没和站里对过/],
  ['the clock is three days fast', { offset_ms: 3 * 86_400_000 }, 'clock', /快 3 天/],
  ['the clock is slow', { offset_ms: -5 * 60_000 }, 'clock', /慢 5 分钟.*自动设置时间/],
  ['the list is three days old', { as_of: '2026-11-18T23:00:00.000Z' }, 'fresh', /3 天前/],
  ['there is no list', { as_of: null }, 'fresh', /没从站里取到/],
  ['work has not been handed over', { unsent: { inspections: 2, facts: 6, photos: 5 } }, 'unsent', /还有 2 份检查、5 张照片没交/],
  ['nobody is asked for a PIN', { pin: false }, 'pin', /还没设 PIN.*不丢记录/],
  ['only photos wait', { unsent: { inspections: 0, facts: 0, photos: 1 } }, 'unsent', /还有 1 张照片没交/],
])('%s: said, with its remedy', (_, change, id, words) => {
  const found = wrong(change)
  expect(found.map(([each]) => each)).toEqual([id])
  expect(found[0]?.[1]).toMatch(words)
})
