// @vitest-environment jsdom
// 意见反馈 over the real data floor: what she types is never taken from her, however late the phone reads what she typed before.

import { mount, type VueWrapper } from '@vue/test-utils'
import { beforeEach, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { enrolledPhone } from '../../../tests/phone'
import { getSetting, setSetting, useIdentity } from '@/data'
import { IDENTITY } from '../here'
import FeedbackScreen from './FeedbackScreen.vue'

// jsdom's localStorage cannot be replaced by the emptied one of a new phone
Object.defineProperty(globalThis, 'localStorage', { writable: true, configurable: true, value: null })

function shown(): VueWrapper {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)*', component: { template: '<p></p>' } }] })
  return mount(FeedbackScreen, { global: { plugins: [router], provide: { [IDENTITY as symbol]: useIdentity() } } })
}
const text = (screen: VueWrapper): string => screen.get('textarea').element.value

beforeEach(async () => { await enrolledPhone() })

test('words typed while the kept ones are still being read stay, and are the ones that are kept', async () => {
  const screen = shown()
  await screen.get('textarea').setValue('字再大些')
  await vi.waitFor(async () => { expect(await getSetting('feedback_draft')).toBe('字再大些') })
  expect(text(screen)).toBe('字再大些')
})

test('what was typed and not stored is there again', async () => {
  await setSetting('feedback_draft', '写了一半')
  const screen = shown()
  await vi.waitFor(() => { expect(text(screen)).toBe('写了一半') })
})
