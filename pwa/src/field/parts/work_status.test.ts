// @vitest-environment jsdom
// The line about the work as it stands on a screen: the seconds move nothing else, and a screen reader hears of changes only.

import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { defineComponent, h, KeepAlive, ref, type Component } from 'vue'
import { enrolledPhone } from '../../../tests/phone'
import { giveFeedback, useIdentity } from '@/data'
import { SENDER_AT_REST, showSender } from '@/data/sender_view'
import type { SenderView } from '@/data'
import GrowingList from '@/ui/GrowingList.vue'
import { IDENTITY } from '../here'
import WorkStatus from './WorkStatus.vue'

// jsdom's localStorage cannot be replaced by the emptied one of a new phone
Object.defineProperty(globalThis, 'localStorage', { writable: true, configurable: true, value: null })
const blank = { template: '<p></p>' }
let drawn = 0
// as 今天: the line above a list, both drawn by one component
const Host = defineComponent({
  setup: () => () => {
    drawn += 1
    return [h(WorkStatus), h(GrowingList, { items: ['a', 'b'], keyOf: (item: unknown) => String(item) }, () => { drawn += 1; return h('span', 'row') })]
  },
})

async function shown(): Promise<VueWrapper> {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)*', component: blank }] })
  await router.push('/')
  const screen = mount(Host, { global: { plugins: [router], provide: { [IDENTITY as symbol]: useIdentity() } } })
  await vi.waitFor(() => screen.get('b'))
  return screen
}
async function sender(view: Partial<SenderView>): Promise<void> {
  showSender({ ...SENDER_AT_REST, ...view })
  await flushPromises()
}
const announced = (screen: VueWrapper): string => screen.get('[role=status]').text()

beforeEach(async () => {
  await enrolledPhone()
  await giveFeedback('字太小')
})
afterEach(() => {
  vi.useRealTimers()
  showSender(SENDER_AT_REST)
})

test('half a minute of counting down draws no row anew and is not read out', async () => {
  const screen = await shown()
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
  await sender({ phase: 'offline', why: '没有信号', next_try_at: new Date(Date.now() + 50_000).toISOString() })
  expect(screen.text()).toContain('1 条记录只在这部手机里；没有信号，约 50 秒后再试')
  const [before, heard] = [drawn, announced(screen)]
  await vi.advanceTimersByTimeAsync(31_000)
  expect(screen.text()).toContain('约 20 秒后再试')
  expect(drawn).toBe(before)
  expect(announced(screen)).toBe(heard)
  expect(vi.getTimerCount()).toBe(1)
  screen.unmount()
  expect(vi.getTimerCount()).toBe(0)
})

test('losing the signal and coming back are told once each; the tries between are not', async () => {
  const screen = await shown()
  const heard: string[] = []
  const watcher = new MutationObserver(() => heard.push(announced(screen)))
  watcher.observe(screen.get('[role=status]').element, { childList: true, characterData: true, subtree: true })
  for (let minute = 0; minute < 5; minute++) {
    await sender({ phase: 'sending_text' })
    await sender({ phase: 'offline', why: '没有信号', next_try_at: new Date(Date.now() + 60_000 * minute).toISOString() })
  }
  await sender({ phase: 'blocked', why: '这部手机已停用', problem: { code: 'revoked', words: '这部手机已停用' } })
  await flushPromises()
  watcher.disconnect()
  expect(heard).toEqual(['1 条记录只在这部手机里；没有信号', '1 条记录只在这部手机里；这部手机已停用'])
})

test('what changed while she was at a site is read with the list she comes back to, not told besides', async () => {
  const at = ref(true)
  const Kept: Component = { setup: () => () => h(KeepAlive, () => [at.value ? h(Host) : h('p')]) }
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)*', component: blank }] })
  await router.push('/')
  const screen = mount(Kept, { global: { plugins: [router], provide: { [IDENTITY as symbol]: useIdentity() } } })
  await vi.waitFor(() => screen.get('b'))
  await sender({ phase: 'offline', why: '没有信号' })
  at.value = false
  await flushPromises()
  await giveFeedback('再写一条')
  await sender({ phase: 'blocked', why: '这部手机已停用', problem: { code: 'revoked', words: '这部手机已停用' } })
  at.value = true
  await vi.waitFor(() => expect(screen.text()).toContain('2 条记录只在这部手机里'))
  expect(announced(screen)).toBe('')
  await sender({ phase: 'offline', why: '没有信号' })
  expect(announced(screen)).toContain('没有信号')
  screen.unmount()
})
