// @vitest-environment jsdom
// The address follows the taps, but no tap waits for it.

import { mount } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'
import { defineComponent } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { useItemAddress } from './item_address'

const blank = defineComponent({ render: () => null })

test('quick taps move the address once, when the hand rests, and never on a page she went on to', async () => {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)*', component: blank }] })
  await router.push('/visits/v')
  let address: ReturnType<typeof useItemAddress> | null = null
  mount(defineComponent({ setup: () => { address = useItemAddress() }, render: () => null }), { global: { plugins: [router] } })
  const replaced = vi.spyOn(router, 'replace')
  vi.useFakeTimers()
  for (const item of ['LPG-01', 'LPG-02', 'LPG-07']) address!.later(item)
  expect(replaced).not.toHaveBeenCalled()
  await vi.runAllTimersAsync()
  expect(replaced).toHaveBeenCalledOnce()
  expect(router.currentRoute.value.fullPath).toBe('/visits/v?item=LPG-07')
  address!.later('LPG-01')
  await router.push('/menu')
  await vi.runAllTimersAsync()
  expect(router.currentRoute.value.fullPath).toBe('/menu')
  vi.useRealTimers()
})
