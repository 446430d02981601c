// @vitest-environment jsdom
// 下村前检查 over the real data floor: what was red becomes well without being asked again.

import { flushPromises, mount } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { enrolledPhone } from '../../../tests/phone'
import { useIdentity } from '@/data'
import { SENDER_AT_REST, showSender } from '@/data/sender_view'
import { IDENTITY } from '../here'
import PhoneScreen from './PhoneScreen.vue'

Object.defineProperty(globalThis, 'localStorage', { writable: true, configurable: true, value: null })

test.each([
  ['back from the settings of the phone', () => { document.dispatchEvent(new Event('visibilitychange')) }],
  ['with the signal', () => { dispatchEvent(new Event('online')) }],
  ['with the last piece handed over', () => { showSender({ ...SENDER_AT_REST, photos_left: 0 }) }],
])('what has become well is seen by itself: %s', async (_, happens) => {
  await enrolledPhone()
  showSender({ ...SENDER_AT_REST, photos_left: 1 })
  let camera = 'denied'
  const query = vi.fn(async () => ({ state: camera }))
  Object.defineProperties(navigator, { permissions: { value: { query }, configurable: true }, mediaDevices: { value: { getUserMedia: vi.fn() }, configurable: true } })
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)*', component: { template: '<p></p>' } }] })
  const screen = mount(PhoneScreen, { global: { plugins: [router], provide: { [IDENTITY as symbol]: useIdentity() } }, attachTo: document.body })
  const says = (words: string): Promise<void> => vi.waitFor(() => expect(screen.text()).toContain(words), { timeout: 15_000 })
  await says('相机没允许')
  camera = 'granted'
  await vi.waitFor(() => expect(screen.text()).toContain('再看一遍'))
  happens()
  await says('能用相机')
  screen.unmount()
  const asked = query.mock.calls.length
  happens()
  await flushPromises()
  expect(query).toHaveBeenCalledTimes(asked)
})
