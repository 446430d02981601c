// @vitest-environment jsdom
// What a screen that was kept aside shows when it comes back: nothing is read for it meanwhile, and nothing old is shown after.

import { flushPromises, mount } from '@vue/test-utils'
import { defineComponent, h, KeepAlive, nextTick, ref, type Component } from 'vue'
import { expect, test } from 'vitest'
import { loaded } from './loaded'
import { changed } from './signal'

let reads = 0
const day = ref('2026-11-21')
const settled: boolean[] = []
const Kept = defineComponent({
  setup() {
    const list = loaded(['rows'], async () => `read ${++reads}`, undefined, () => day.value)
    return () => { settled.push(list.settled.value); return h('p', list.value.value ?? '') }
  },
})

test('a list kept aside is read again when it comes back, once, and only if something changed', async () => {
  const there = ref(true)
  const App: Component = { setup: () => () => h(KeepAlive, () => [there.value ? h(Kept) : h('i')]) }
  const screen = mount(App)
  const away = async (meanwhile: () => void): Promise<string> => {
    there.value = false
    await flushPromises()
    meanwhile()
    await flushPromises()
    const before = reads
    there.value = true
    settled.length = 0
    await nextTick()
    await flushPromises()
    return `${screen.text()}, ${reads - before} more`
  }
  await flushPromises()
  expect(screen.text()).toBe('read 1')
  expect(await away(() => undefined)).toBe('read 1, 0 more')
  expect(await away(() => { changed('rows'); changed('rows') })).toBe('read 2, 1 more')
  expect([settled[0], settled[settled.length - 1]]).toEqual([false, true]) // held back until it was read again
  expect(await away(() => { day.value = '2026-11-22' })).toBe('read 3, 1 more')
  changed('rows')
  await flushPromises()
  expect(screen.text()).toBe('read 4')
  screen.unmount()
})
