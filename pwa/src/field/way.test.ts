// @vitest-environment jsdom
// A tap on a place goes there within the app; who asks the browser for a new tab gets a new tab.

import { mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import SiteCard from './parts/SiteCard.vue'

const nothing = { render: () => null }

test.each([[{}, '/sites/s1?as=look-back'], [{ ctrlKey: true }, '/'], [{ metaKey: true }, '/'], [{ shiftKey: true }, '/'], [{ button: 1 }, '/']])('a click with %o leads to %s', async (how, where) => {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: nothing }, { path: '/sites/:id', component: nothing }] })
  await router.push('/')
  const card = mount(SiteCard, { props: { site: { id: 's1', name: '老街川味馆', place_types: [] }, line: '', as: 'look-back' }, global: { plugins: [router] } })
  const click = new MouseEvent('click', { bubbles: true, cancelable: true, button: 0, ...how })
  card.element.dispatchEvent(click)
  await router.isReady()
  await new Promise((resolve) => setTimeout(resolve))
  expect(router.currentRoute.value.fullPath).toBe(where)
  expect(click.defaultPrevented).toBe(where !== '/')
  expect(card.attributes('href')).toBe('#/sites/s1?as=look-back')
})
