// @vitest-environment jsdom
// However long a list is, a slow phone puts up a screenful of rows.

import { mount } from '@vue/test-utils'
import { nextTick } from 'vue'
import { expect, test } from 'vitest'
import GrowingList from './GrowingList.vue'

const ROWS_MAX = 10
const items = (count: number, from = 0): string[] => Array.from({ length: count }, (_, number) => `北河小吃店 ${from + number}`)
const list = (count: number, below = false): ReturnType<typeof mount> =>
  mount(GrowingList as never, { props: { items: items(count), keyOf: (item: string) => item, below } as never, slots: { default: ({ item }: { item: string }) => item } as never })

test('of ten thousand places a screenful is on the page, and the others come when they are asked for', async () => {
  const rows = list(10_000)
  expect(rows.findAll('li').length).toBeLessThanOrEqual(ROWS_MAX)
  expect(rows.get('button').text()).toContain(`再看 ${10_000 - rows.findAll('li').length} 条`)
  await rows.get('button').trigger('click')
  expect(rows.findAll('li').length).toBeGreaterThan(ROWS_MAX)
})

test('a list below the screen shows its first place alone', () => {
  expect(list(10_000, true).findAll('li').map((row) => row.text())).toEqual(['北河小吃店 0'])
})

test('every letter of a search begins with a screenful again, also when it finds more than before', async () => {
  const rows = list(100)
  await rows.get('button').trigger('click')
  await rows.setProps({ items: items(5_000, 50), restart: 'b' } as never)
  await nextTick()
  expect(rows.findAll('li').length).toBeLessThanOrEqual(ROWS_MAX)
})

test('a row that is done and goes takes nothing else away from under her thumb', async () => {
  const rows = list(100)
  await rows.get('button').trigger('click')
  const seen = rows.findAll('li').length
  await rows.setProps({ items: items(99, 1) } as never)
  expect(rows.findAll('li').length).toBe(seen)
})

test('a list that grows while she reads far down stays as it is under her thumb', async () => {
  const rows = list(100)
  await rows.get('button').trigger('click')
  const seen = rows.findAll('li').length
  window.scrollY = 5_000
  await rows.setProps({ items: items(101) } as never)
  window.scrollY = 0
  expect(rows.findAll('li').length).toBe(seen)
})
