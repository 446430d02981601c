// @vitest-environment jsdom
// The address follows the taps, but no tap waits for it.

import { mount } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'
import { defineComponent } from 'vue'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { useItemAddress } from './item_address'

const blank = { render: () => null }

/** The visit is open; `finish` is a screen whose file comes when it is let come, or fails. */
async function atVisit(): Promise<{ router: Router; address: ReturnType<typeof useItemAddress>; finish: { comes: () => void; fails: () => void } }> {
  const finish = { comes: (): void => undefined, fails: (): void => undefined }
  const file = (): Promise<typeof blank> => new Promise((resolve, reject) => {
    finish.comes = () => resolve(blank)
    finish.fails = () => reject(new Error('no network'))
  })
  const routes = [{ path: '/visits/v/finish', component: file }, { path: '/:rest(.*)*', component: blank }]
  const router = createRouter({ history: createMemoryHistory(), routes })
  await router.push('/visits/v')
  let address: ReturnType<typeof useItemAddress> | null = null
  mount(defineComponent({ setup: () => { address = useItemAddress() }, render: () => null }), { global: { plugins: [router] } })
  return { router, address: address!, finish }
}

test('quick taps move the address once, when the hand rests, and never on a page she went on to', async () => {
  const { router, address } = await atVisit()
  const replaced = vi.spyOn(router, 'replace')
  vi.useFakeTimers()
  for (const item of ['LPG-01', 'LPG-02', 'LPG-07']) address.later(item)
  expect(replaced).not.toHaveBeenCalled()
  await vi.runAllTimersAsync()
  expect(replaced).toHaveBeenCalledOnce()
  expect(router.currentRoute.value.fullPath).toBe('/visits/v?item=LPG-07')
  address.later('LPG-01')
  await router.push('/menu')
  await vi.runAllTimersAsync()
  expect(router.currentRoute.value.fullPath).toBe('/menu')
  vi.useRealTimers()
})

test('收尾 tapped right after an answer opens 收尾, however slowly its screen arrives', async () => {
  const { router, address, finish } = await atVisit()
  vi.useFakeTimers()
  address.later('LPG-07')
  const going = router.push('/visits/v/finish')
  await vi.runAllTimersAsync() // the hand rests, the screen is still on its way
  address.later('LPG-08') // and one more tap on the old one
  await vi.runAllTimersAsync()
  finish.comes()
  expect(await going).toBeUndefined()
  expect(router.currentRoute.value.path).toBe('/visits/v/finish')
  vi.useRealTimers()
})

test('when the other screen cannot come, the address follows the taps again', async () => {
  const { router, address, finish } = await atVisit()
  vi.useFakeTimers()
  const going = router.push('/visits/v/finish').catch(() => 'failed')
  await vi.runAllTimersAsync()
  finish.fails()
  expect(await going).toBe('failed')
  address.later('LPG-09')
  await vi.runAllTimersAsync()
  expect(router.currentRoute.value.fullPath).toBe('/visits/v?item=LPG-09')
  vi.useRealTimers()
})
